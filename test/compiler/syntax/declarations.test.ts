import { describe, expect, it } from 'vitest';
import { corpus, meaning, problems, read, statements, structure } from './reading.ts';

describe('the corpus', () => {
  it.each([...corpus()])('%s is read without complaint', (_name, text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([...corpus()])('%s means the same with CRLF and a byte-order mark', (_name, text) => {
    const windows = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    expect(read(windows).diagnostics).toEqual([]);
    expect(meaning(read(windows).unit)).toBe(meaning(read(text).unit));
  });
});

describe('declarations', () => {
  const declared = (text: string) => read(`language 1\n${text}`).unit.declarations[0];

  it('reads imports with aliases', () => {
    expect(declared('import { A, B as C, }\n  from "./a.net"')).toMatchObject({
      kind: 'ImportDecl',
      names: [
        { name: { text: 'A' }, alias: undefined },
        { name: { text: 'B' }, alias: { text: 'C' } },
      ],
      from: { value: './a.net' },
    });
  });

  it('reads every type of hyper-parameter', () => {
    const block = declared(
      'block F(a: int = 1, b: [[axis]], c: block([N, ...R], int32[N]) -> ([N], []) = G)() -> [] { return 1 }',
    );
    expect(block).toMatchObject({
      kind: 'BlockDecl',
      flavour: 'block',
      outputTuple: false,
      hypers: [
        { name: { text: 'a' }, type: { kind: 'PlainHyper', name: 'int' }, default: { value: 1 } },
        {
          type: {
            kind: 'ListHyper',
            element: { kind: 'ListHyper', element: { kind: 'PlainHyper', name: 'axis' } },
          },
          default: undefined,
        },
        {
          type: {
            kind: 'BlockHyper',
            inputs: [
              { axes: [{ kind: 'NamedAxis' }, { kind: 'RestAxes', name: { text: 'R' } }] },
              { dtype: { text: 'int32' } },
            ],
            outputs: [{ axes: [{ name: { text: 'N' } }] }, { axes: [] }],
          },
        },
      ],
    });
  });

  it('reads inputs, outputs and requirements', () => {
    const block = declared(
      'loss L()(x: f32[N, C: 3, H: 2 * s] = 0, m: bool[N])\n  -> ([N], [C])\n  where s >= 1, C % 2 == 0\n{\n  return x, m\n}',
    );
    expect(block).toMatchObject({
      flavour: 'loss',
      outputTuple: true,
      inputs: [
        { name: { text: 'x' }, type: { dtype: { text: 'f32' } }, default: { value: 0 } },
        { name: { text: 'm' }, default: undefined },
      ],
      outputs: [{}, {}],
    });
    if (block?.kind !== 'BlockDecl') throw new Error('not a block');
    expect(block.where.map(structure)).toEqual(['(s >= 1)', '((C % 2) == 0)']);
    const sizes = block.inputs[0]?.type.axes.map((axis) => axis.kind === 'NamedAxis' && axis.size);
    expect(sizes?.map((size) => size && structure(size))).toEqual([undefined, '3', '(2 * s)']);
  });

  it('reads models with their inputs and outputs', () => {
    const model = declared(
      'model M(k: labels = L) where 1 == 1 {\n  input x: [N]\n    from pixels(mean: [0.5])\n  output y = f(x)\n    labels k\n  output x\n}',
    );
    expect(model).toMatchObject({
      kind: 'ModelDecl',
      where: [{ kind: 'BinaryExpr' }],
      body: {
        statements: [
          { kind: 'InputStmt', from: { kind: 'CallExpr' } },
          { kind: 'OutputStmt', value: { kind: 'CallExpr' }, labels: { kind: 'NameExpr' } },
          { kind: 'OutputStmt', value: undefined, labels: undefined },
        ],
      },
    });
    expect(declared('model M { }')).toMatchObject({ hypers: [], body: { statements: [] } });
  });

  it('reads training recipes', () => {
    const text =
      'train M {\n  target y: [N]\n  weight w: [N]\n  loss = L()(z, y)\n  (a, b) = f(z)\n  target (1)\n  epochs 30\n}';
    expect(declared(text)).toMatchObject({
      kind: 'TrainDecl',
      model: { text: 'M' },
      items: [
        { kind: 'TrainTensor', role: 'target', name: { text: 'y' } },
        { kind: 'TrainTensor', role: 'weight' },
        { kind: 'BindStmt', targets: [{ text: 'loss' }], tuple: false },
        { kind: 'BindStmt', targets: [{ text: 'a' }, { text: 'b' }], tuple: true },
        { kind: 'Setting', name: { text: 'target' } },
        { kind: 'Setting', name: { text: 'epochs' }, value: { value: 30 } },
      ],
    });
  });
});

describe('statements', () => {
  it('nests else-if', () => {
    const [statement] = statements('if a { x = 1 } else if b { } \n else { x = 2\n y = 3 }');
    expect(statement).toMatchObject({
      kind: 'IfStmt',
      then: { statements: [{}] },
      otherwise: { kind: 'IfStmt', otherwise: { kind: 'Body', statements: [{}, {}] } },
    });
  });

  it('reads loops, params, asserts, tuples', () => {
    expect(
      statements(
        'for (i, g) in gs[1..] { x = g }\nfor g in gs { }\nparam w: [C] = ones\nassert C == 1\n(a, b,) = f(x)\nreturn a, b',
      ),
    ).toMatchObject([
      { kind: 'ForStmt', index: { text: 'i' }, element: { text: 'g' } },
      { kind: 'ForStmt', index: undefined },
      { kind: 'ParamStmt', init: { kind: 'NameExpr' } },
      { kind: 'AssertStmt' },
      { kind: 'BindStmt', tuple: true, targets: [{}, {}] },
      { kind: 'ReturnStmt', value: { kind: 'TupleExpr' } },
    ]);
  });

  it('goes on in the next line after and before operators', () => {
    const texts = [
      'a +\nb',
      'a\n+ b',
      'a\n\n  // why\n  + b',
      '\na + b',
      'f(\na\n,\nb\n)',
      'a |>\nf',
      'a\n|> f',
    ];
    for (const text of texts) expect(statements(`y = ${text}\nz = 1`)).toHaveLength(2);
  });

  it('ends with its line otherwise', () => {
    expect(statements('y = f\n(a, b) = g(y)\nfrom = a\nlabels = b')).toHaveLength(4);
  });

  it.each([
    'language',
    'import',
    'labels',
    'block',
    'loss',
    'model',
    'train',
    'from',
    'as',
    'where',
    'param',
    'input',
    'output',
    'target',
    'weight',
    'int',
    'float',
    'axis',
    'mean',
  ])('%s can be a name', (word) => {
    const text = `language 1
import { ${word}, A as ${word} } from "a"
labels ${word} = []
block ${word}(${word}: int)(${word}: [${word}: ${word}, ...${word}]) -> [${word}] where ${word} > 0 {
  ${word} = ${word}(${word}: ${word} -> ${word}: 1)(${word})
  (${word}, b) = ${word}
  for (${word}, c) in ${word} { ${word} = ${word}[${word}..${word}] }
  if ${word} { assert ${word} }
  param ${word}: ${word}[${word}] = ${word}
  return ${word}
}
model ${word} {
  input ${word}: [N] from ${word}
  output ${word} = ${word} labels ${word}
  output ${word} labels ${word}
}
train ${word} {
  target ${word}: [N]
  ${word} = ${word}
  ${word} ${word === 'target' || word === 'weight' ? '(x)' : word}
}
`; // prettier-ignore
    expect(problems(text)).toEqual([]);
  });
});

describe('comments and documentation', () => {
  const text = `// head
language 1

/// First line.
//
/// Second line.
// not documentation
block F()(x: [N]) -> [N] {  // beside
  /// What y is.
  y = x  /// not documentation either
  return y
}
`;

  it('keeps comments in order, with their place on the line', () => {
    expect(read(text).unit.comments.map((comment) => [comment.text, comment.ownLine])).toEqual([
      ['// head', true],
      ['/// First line.', true],
      ['//', true],
      ['/// Second line.', true],
      ['// not documentation', true],
      ['// beside', false],
      ['/// What y is.', true],
      ['/// not documentation either', false],
    ]);
  });

  it('gives documentation to what follows it', () => {
    expect(read(text).unit.declarations).toMatchObject([
      {
        docs: ['First line.', 'Second line.'],
        body: { statements: [{ kind: 'BindStmt', docs: ['What y is.'] }, { kind: 'ReturnStmt' }] },
      },
    ]);
  });
});

describe('spans', () => {
  it('cover what they name', () => {
    const text = 'language 1\n\nblock F(k: int = 2)(x: [N, C: k]) -> [N] {\n  y = f(x) |> g\n  return y\n}\n';
    const [block] = read(text).unit.declarations;
    if (block?.kind !== 'BlockDecl') throw new Error('not a block');
    const cut = (span: { start: number; end: number } | undefined) =>
      span && text.slice(span.start, span.end);
    expect(cut(block.span)).toBe(text.slice(12, -1));
    expect(cut(block.hypers[0]?.span)).toBe('k: int = 2');
    expect(cut(block.inputs[0]?.span)).toBe('x: [N, C: k]');
    expect(cut(block.inputs[0]?.type.axes[1]?.span)).toBe('C: k');
    expect(cut(block.body.statements[0]?.span)).toBe('y = f(x) |> g');
  });
});
