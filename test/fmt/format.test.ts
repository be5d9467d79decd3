import { describe, expect, it } from 'vitest';
import { formatNet } from '../../src/fmt/format.ts';
import { UnformattableError } from '../../src/fmt/tree.ts';
import { corpus, meaning, read } from '../compiler/syntax/reading.ts';

const head = 'language 1\n\n';
const block = (body: string) => `${head}block F()(x: [N]) -> [N] {\n${body}\n}\n`;

describe('layout', () => {
  it.each([
    ['blanks', 'y=f( a,b:1 )[ 0 ](x)+ -2*  3', 'y = f(a, b: 1)[0](x) + -2 * 3'],
    ['parentheses', 'y = ((a) + (b * c))', 'y = ((a) + (b * c))'],
    [
      'ranges',
      'for i in 0 .. n - 1 { y = g[ 1 .. ] ++ g[..2] }',
      'for i in 0..n - 1 {\n    y = g[1..] ++ g[..2]\n  }',
    ],
    [
      'mappings',
      'y = linear(D->[h:heads,d:D/heads],bias:false)',
      'y = linear(D -> [h: heads, d: D / heads], bias: false)',
    ],
    ['words', 'y = not a and(b or not(c))', 'y = not a and (b or not (c))'],
    ['lines', 'y = a\n  |> f\n\n  |> g', 'y = a |> f |> g'],
    [
      'branches',
      'if a { x = 1 }\n else if b { }\n else { x = 2 }',
      'if a {\n    x = 1\n  } else if b {} else {\n    x = 2\n  }',
    ],
    ['trailing commas', '(a, b,) = f(x,)', '(a, b) = f(x)'],
  ])('%s', async (_name, loose, tidy) => {
    expect(await formatNet(block(loose))).toBe(block(`  ${tidy}`));
  });

  it('puts each stage of a long pipe on a line of its own', async () => {
    const stages = [
      'conv(C -> C: 64, over: [H: 7, W: 7], stride: 2)',
      'batch_norm(C)',
      'relu',
      'max_pool(over: [H: 3])',
    ];
    expect(await formatNet(block(`y = image |> ${stages.join(' |> ')}`))).toBe(
      block(['  y = image', ...stages.map((stage) => `    |> ${stage}`)].join('\n')),
    );
  });

  it('breaks the loosest operator first', async () => {
    const long = (name: string) => name.repeat(30);
    expect(await formatNet(block(`y = ${long('a')} + ${long('b')} * ${long('c')} + ${long('d')}`))).toBe(
      block(`  y = ${long('a')}\n    + ${long('b')} * ${long('c')}\n    + ${long('d')}`),
    );
  });

  it('breaks brackets with a comma after the last item', async () => {
    const args = ['first_argument', 'second_argument'].map((name) => `${name}: ${'v'.repeat(40)}`);
    expect(await formatNet(block(`y = f(${args.join(', ')})`))).toBe(
      block(`  y = f(\n${args.map((arg) => `    ${arg},\n`).join('')}  )`),
    );
  });

  it('fills the lines of a list of labels', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `"label ${i}"`);
    const lines = (await formatNet(`${head}labels L = [${names.join(', ')}]`)).split('\n');
    expect(lines.slice(2, 4)).toEqual(['labels L = [', expect.stringMatching(/^ {2}"label 0", .{80,}$/)]);
    expect(lines.slice(-3)).toEqual([expect.stringMatching(/"label 29",$/), ']', '']);
  });

  it('moves inputs that do not fit to a line of their own, or breaks the hyper-parameters', async () => {
    const inputs = '(logits: [N, K], target: [N, K], weight: [N, K] = 1) -> []';
    const short = `loss L(pos: float = 1, neg: float = 4, shift: float = 0.05)`;
    const long = Array.from({ length: 6 }, (_, i) => `parameter_${i}: float = 1`);
    expect(await formatNet(`${head}${short}${inputs} { return 1 }`)).toBe(
      `${head}${short}\n    ${inputs}\n{\n  return 1\n}\n`,
    );
    expect(await formatNet(`${head}loss L(${long.join(', ')})${inputs} { return 1 }`)).toBe(
      `${head}loss L(\n${long.map((hyper) => `  ${hyper},\n`).join('')})${inputs} {\n  return 1\n}\n`,
    );
  });

  it('moves outputs that do not fit to a line of their own', async () => {
    const inputs = 'block ConvBn(to: int, kernel: int = 1, stride: int = 1)(x: [N, C, H, W])';
    const outputs = '-> [N, C: to, H: ceildiv(H, stride), W: ceildiv(W, stride)]';
    expect(await formatNet(`${head}${inputs} ${outputs} { return x }`)).toBe(
      `${head}${inputs}\n    ${outputs}\n{\n  return x\n}\n`,
    );
    const several = Array.from(
      { length: 3 },
      (_, i) => `[N, C: floordiv(C + 3, ${i}), H: floordiv(H + 3, ${i})]`,
    );
    expect(
      await formatNet(`${head}block F()(x: [N]) -> (${several.join(', ')}) where 1 == 1 { return x }`),
    ).toBe(
      `${head}block F()(x: [N])\n    -> (\n${several.map((type) => `      ${type},\n`).join('')}    )\n  where 1 == 1\n{\n  return x\n}\n`,
    );
  });

  it('keeps one blank line where there were some, and sets declarations with bodies apart', async () => {
    const loose =
      'language 1\nimport { A } from "a"\nimport { B } from "b"\n\n\nimport { C } from "c"\nmodel M {\n\n\n  x = 1\n\n\n\n  y = 2\n  z = 3\n\n}\nmodel N {\n\n}';
    expect(await formatNet(loose)).toBe(
      `language 1\nimport { A } from "a"\nimport { B } from "b"\n\nimport { C } from "c"\n\nmodel M {\n  x = 1\n\n  y = 2\n  z = 3\n}\n\nmodel N {}\n`,
    );
  });

  it('writes line feeds', async () => {
    expect(await formatNet(block('  y = x').replaceAll('\n', '\r\n'))).toBe(block('  y = x'));
  });
});

describe('comments', () => {
  it.each([
    ['behind and before statements', '  // before\n  y = x  // behind\n\n  // last'],
    ['in brackets', '  y = f(  // opens\n    // own\n    a,  // behind a\n    // last\n  )'],
    ['in empty brackets', '  y = f(\n    // nothing\n  )'],
    ['in an empty body', '  for i in x {\n    // nothing\n  }'],
    ['behind a brace', '  for i in x {  // each\n    y = i\n  }'],
    ['behind and below `=`', '  y =  // what\n    // why\n    x'],
    ['between a body and its `else`', '  if a {\n    y = x\n  }\n  // why\n  else {  // so\n    y = z\n  }'],
    ['before a brace', '  for i in x  // all\n  // each\n  {  // turn\n    y = i\n  }'],
    ['between stages', '  y = x\n    // why\n    |> f  // behind f\n    |> g'],
  ])('stay %s', async (_name, body) => {
    expect(await formatNet(block(body))).toBe(block(body));
  });

  it('have two blanks before them', async () => {
    expect(await formatNet(block('y = f(x) // as before'))).toBe(block('  y = f(x)  // as before'));
  });

  it('stay in a file of nothing else', async () => {
    expect(await formatNet(`// one\n\n\n${head}// two`)).toBe(`// one\n\n${head}// two\n`);
  });
});

describe('whole sources', () => {
  it.each([...corpus()])('%s keeps its meaning, and a second run changes nothing', async (_name, text) => {
    for (const printWidth of [1, 40, 110]) {
      const once = await formatNet(text, { printWidth });
      expect(meaning(read(once).unit)).toBe(meaning(read(text).unit));
      expect(await formatNet(once, { printWidth })).toBe(once);
    }
  });

  it('as deep as the parser takes them', async () => {
    const deep = block(`  y = ${'f(['.repeat(31)}x${'])'.repeat(31)}`);
    const once = await formatNet(deep);
    expect(meaning(read(once).unit)).toBe(meaning(read(deep).unit));
  });

  it('are refused with the diagnostics when they do not parse', async () => {
    const refused = await formatNet(block('  y = f(a b)')).catch((error: unknown) => error);
    if (!(refused instanceof UnformattableError)) throw new Error('formatted');
    expect(refused.diagnostics.map(({ code }) => code)).toEqual(['N1002']);
  });
});
