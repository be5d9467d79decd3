import { describe, expect, it } from 'vitest';
import { refuseTokens, sourceLimits } from '../../../src/compiler/syntax/limits.ts';
import { Piece } from '../../../src/compiler/source/piece.ts';
import { maxExpressionDepth } from '../../../src/compiler/syntax/build/expressions.ts';
import { maxBracketDepth } from '../../../grammar/brackets.ts';
import { readTokens } from '../../../grammar/read-tokens.ts';
import { problems, read } from './reading.ts';

/** Broken sources and everything that is said about them, in order. */
const cases: readonly {
  readonly name: string;
  readonly text: string;
  readonly problems: readonly string[];
}[] = [
  {
    name: 'a missing version',
    text: `block F()(x: [N]) -> [N] { return x }`,
    problems: ['1:1 N1003 the file does not say its language version'],
  },
  {
    name: 'an unsupported version',
    text: `language 2`,
    problems: ['1:10 N1003 language version 2 is not supported'],
  },
  {
    name: 'a version that is no number',
    text: `language one`,
    problems: ['1:10 N1002 expected a number, found `one`'],
  },
  {
    name: 'a version twice',
    text: `language 1
labels L = []
language 1`,
    problems: ['3:1 N1003 `language` stands once, before everything else'],
  },
  {
    name: 'an unexpected character',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = x § x
}
`,
    problems: ['3:9 N1001 `§` has no meaning here'],
  },
  {
    name: 'an operator for powers',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = x ^ 2
  z = x ** 2
}
`,
    problems: ['3:9 N1001 `^` has no meaning here', '4:10 N1002 expected a value, found `*`'],
  },
  {
    name: 'habits of other languages',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = !a && b || 'c';
  # note
  return y
}
`,
    problems: [
      '3:7 N1001 `!` is not an operator',
      '3:10 N1001 `&&` is not an operator',
      '3:15 N1001 `||` is not an operator',
      '3:18 N1001 strings stand in double quotes',
      '3:21 N1001 `;` is not needed',
      '4:3 N1001 comments begin with `//`',
    ],
  },
  {
    name: 'an unclosed string',
    text: `language 1
labels L = ["a, "b]
labels M = []`,
    problems: ['2:18 N1002 expected `,` or `]`, found `b`'],
  },
  {
    name: 'a missing }',
    text: `language 1
block F()(x: [N]) -> [N] {
  return x

block G()(x: [N]) -> [N] {
  return x
}`,
    problems: ['3:11 N1002 expected `}` before the next declaration'],
  },
  {
    name: 'a missing } of a loop, found by the indentation',
    text: `language 1
block F()(x: [N]) -> [N] {
  for i in 0..2 {
    x = f(x)
  return x
}
`,
    problems: ['6:2 N1002 expected `}` before the end of the file'],
  },
  {
    name: 'a } too many',
    text: `language 1
block F()(x: [N]) -> [N] {
  return x
}
}
`,
    problems: ['5:1 N1002 there is nothing open that `}` could close'],
  },
  {
    name: 'a missing )',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = f(x, g(x)
  z = y
  return z
}
`,
    problems: ['4:3 N1002 expected `)` before `z`'],
  },
  {
    name: 'a string that never ends',
    text: `language 1
labels L = ["a, b]
labels M = ["\\"]`,
    problems: ['2:13 N1004 this string is not closed', '3:13 N1004 this string is not closed'],
  },
  {
    name: 'a ) at the wrong place',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = [1, 2)
  return y)
}
`,
    problems: ['3:12 N1002 expected `]`, found `)`', '4:11 N1002 there is nothing open that `)` could close'],
  },
  {
    name: 'brackets that cross',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = f([1)]
  return y
}
`,
    problems: ['3:11 N1002 expected `]` before `)`'],
  },
  {
    name: 'a missing comma',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = f(a b, c)
  z = [1 2]
}
`,
    problems: ['3:11 N1002 expected `,` or `)`, found `b`', '4:10 N1002 expected `,` or `]`, found `2`'],
  },
  {
    name: 'a missing operand',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = x + 
  return y
}
`,
    problems: ['4:3 N1002 expected a value, found `return`'],
  },
  {
    name: 'an operator in front',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = * x
}
`,
    problems: ['3:7 N1002 expected a value, found `*`'],
  },
  {
    name: 'rubbish after a value',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = x 3 4
  return y z
}
`,
    problems: [
      '3:9 N1002 expected the end of the line, found `3`',
      '4:12 N1002 expected the end of the line, found `z`',
    ],
  },
  {
    name: '= for ==',
    text: `language 1
block F()(x: [N]) -> [N] {
  if a = b { y = x }
  assert C = 2
  y = a = b
}
`,
    problems: [
      '3:8 N1002 `=` binds a name and cannot compare',
      '4:12 N1002 `=` binds a name and cannot compare',
      '5:9 N1002 a statement binds one value',
    ],
  },
  {
    name: 'a named argument with =',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = f(size = 3)
}
`,
    problems: ['3:14 N1002 expected `,` or `)`, found `=`'],
  },
  {
    name: 'a missing ->',
    text: `language 1
block F()(x: [N]) [N] { return x }
block G()(x: [N]) { return x }`,
    problems: ['2:19 N1002 expected `->`, found `[`', '3:19 N1002 expected `->`, found `{`'],
  },
  {
    name: 'one group of parentheses',
    text: `language 1
block F(x: [N, C]) -> [N] { return x }`,
    problems: ['2:14 N1002 expected `]`, found `,`'],
  },
  {
    name: 'no parentheses',
    text: `language 1
block F -> [N] { return x }`,
    problems: ['2:9 N1002 expected `(`, found `->`'],
  },
  {
    name: 'a hyper-parameter without a type',
    text: `language 1
block F(n)(x: [N]) -> [N] { return x }
block G(n = 3)(x: [N]) -> [N] { return x }`,
    problems: ['2:10 N1002 expected `:`, found `)`', '3:11 N1002 expected `:`, found `=`'],
  },
  {
    name: 'an unknown type',
    text: `language 1
block F(n: integer, b: boll)(x: [N]) -> [N] { return x }`,
    problems: ['2:12 N1002 `integer` is no type of a hyper-parameter'],
  },
  {
    name: 'a misspelled declaration',
    text: `language 1
blok F()(x: [N]) -> [N] {
  return x
}
def g() {}`,
    problems: [
      '2:1 N1002 expected a declaration, found `blok`',
      '5:1 N1002 expected a declaration, found `def`',
    ],
  },
  {
    name: 'a misspelled statement',
    text: `language 1
block F()(x: [N]) -> [N] {
  retrun x
  let y = 3
}
`,
    problems: [
      '3:3 N1002 expected a statement, found `retrun`',
      '4:3 N1002 expected a statement, found `let`',
    ],
  },
  {
    name: 'a reserved word as a name',
    text: `language 1
block F()(x: [N]) -> [N] {
  for = 3
  y = else
  param if: [C] = ones
}
`,
    problems: [
      '3:7 N1002 expected the name of the element, found `=`',
      '4:7 N1002 expected a value, found `else`',
      '5:3 N1002 expected a statement, found `param`',
    ],
  },
  {
    name: 'a value without use',
    text: `language 1
block F()(x: [N]) -> [N] {
  relu(x)
  f(x) = 3
  (a + b)
}
`,
    problems: [
      '3:3 N1002 this value is neither bound nor returned',
      '4:8 N1002 only names can be bound',
      '5:6 N1002 expected `,` or `)`, found `+`',
    ],
  },
  {
    name: 'for without in',
    text: `language 1
block F()(x: [N]) -> [N] {
  for i 0..3 { y = x }
  for 3 in x { }
}
`,
    problems: ['3:9 N1002 expected `in`, found `0`', '4:7 N1002 expected the name of the element, found `3`'],
  },
  {
    name: 'param without initialiser',
    text: `language 1
block F()(x: [N]) -> [N] {
  param w: [C]
  param v = ones
}
`,
    problems: ['3:15 N1002 expected `=`, found the end of the line', '4:11 N1002 expected `:`, found `=`'],
  },
  {
    name: 'a return in a model, an output in a block',
    text: `language 1
model M { return x }
block F()(x: [N]) -> [N] {
  input y: [N]
  output x
}`,
    problems: [
      '2:11 N1002 a model has outputs and returns nothing',
      '4:3 N1002 `input` stands in models only',
      '5:3 N1002 `output` stands in models only',
    ],
  },
  {
    name: 'ranges and comparisons that chain',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = a < b < c
  y = 0..1..2
  y = 0..
  y = ..3
}
`,
    problems: [
      '3:13 N1002 comparisons do not chain',
      '4:11 N1002 ranges do not chain',
      '5:8 N1002 a range needs both its ends here',
      '6:7 N1002 a range needs both its ends here',
    ],
  },
  {
    name: 'a floor division',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = C // 2
  y = split(C // 2, into: 3)
  y = f(C //k)
  return x  // 2
}
`,
    problems: [
      '3:9 N1002 `//` begins a comment here and does not divide',
      '4:15 N1002 `//` begins a comment here and does not divide',
      '5:11 N1002 `//` begins a comment here and does not divide',
    ],
  },
  {
    name: 'an import without from',
    text: `language 1
import { A } "./a.net"
import A from "./a.net"
import { A B } from "c"`,
    problems: [
      '2:14 N1002 expected `from`, found a string',
      '3:8 N1002 expected `{`, found `A`',
      '4:12 N1002 expected `,` or `}`, found `B`',
    ],
  },
  {
    name: 'a broken recipe',
    text: `language 1
train M {
  epochs
  batch 16 17
  for x in y { z = 2 }
  target y
  loss = 
}`,
    problems: [
      '3:3 N1002 expected a setting with its value, as `epochs 30`, found `epochs`',
      '4:12 N1002 expected the end of the line, found `17`',
      '5:3 N1002 expected a setting, found `for`',
      '6:11 N1002 expected `:`, found the end of the line',
      '7:9 N1002 expected a value, found the end of the line',
    ],
  },
  {
    name: 'several blocks with mistakes',
    text: `language 1
block F()(x: [N]) -> [N] {
  y = (x
  return y
}
block G(x: [N]) -> [N] {
  y = + 
}
block H()(x: [N) -> [N] { return x }`,
    problems: [
      '4:3 N1002 expected `)` before `return`',
      '6:17 N1002 expected `(`, found `->`',
      '9:16 N1002 expected `]` before `)`',
    ],
  },
  {
    name: 'an axis without a name',
    text: `language 1
block F()(x: [3, N]) -> [N] { return x }
block G()(x: [...]) -> [N] { return x }`,
    problems: ['2:15 N1002 expected an axis or `]`, found `3`', '3:18 N1002 expected a name, found `]`'],
  },
];

describe('broken sources', () => {
  it.each(cases)('$name', ({ text, problems: said }) => {
    expect(problems(text)).toEqual(said);
  });
});

const inBlock = (value: string) => `language 1\nblock F()(x: [N]) -> [N] {\n  y = ${value}\n  return y\n}\n`;

describe('limits', () => {
  const nested = (depth: number) => inBlock('('.repeat(depth) + 'x' + ')'.repeat(depth));

  it('bracket depth', () => {
    // The braces of the block are one.
    expect(problems(nested(maxBracketDepth - 1))).toEqual([]);
    expect(problems(nested(maxBracketDepth))).toEqual(['3:70 N6003 brackets are nested more than 64 deep']);
    expect(problems('language 1\n' + '{ ['.repeat(100_000))).toHaveLength(1);
  });

  it('bracket depth, where something is wrong in the innermost', () => {
    for (const open of ['(', '[', 'f(', '[a: ', 'x |> f(', 'not (']) {
      for (const wrong of ['1 2', '= 3', '|>', ',,', 'for', '[1..']) {
        const text = open.repeat(maxBracketDepth - 2) + wrong;
        expect(problems(inBlock(text)).length, text).toBeGreaterThan(0);
      }
    }
  });

  it('expression depth', () => {
    const chain = (length: number) => inBlock(`x${' |> f'.repeat(length)}`);
    const message = '3:7 N6003 this expression is nested more than 500 levels deep';
    expect(problems(chain(maxExpressionDepth - 1))).toEqual([]);
    expect(problems(chain(maxExpressionDepth))).toEqual([message]);
    expect(problems(chain(20_000))).toEqual([message]);
    expect(problems(inBlock('not '.repeat(20_000) + 'x'))).toEqual([message]);
    expect(problems(inBlock('f' + '()'.repeat(20_000)))).toEqual([message]);
  });

  it('branches', () => {
    const branches = `language 1\nblock F()(x: [N]) -> [N] {\n  if a { x = x }${' else if b { x = x }'.repeat(20_000)}\n}\n`;
    expect(problems(branches)).toEqual(['3:3 N6003 this `if` has more than 200 branches']);
  });

  it('length', () => {
    expect(problems(`language 1\n//${'x'.repeat(sourceLimits.length)}`)).toEqual([
      '1:1 N6001 the file has more than 1.5 million characters',
    ]);
  });

  it('tokens of a statement', () => {
    const list = (length: number) => inBlock(`[${'1,'.repeat(length)}1]`);
    const message = /^3:\d+ N6001 a statement has more than 100,000 words, numbers and symbols$/;
    expect(problems(list(sourceLimits.statementTokens))).toEqual([expect.stringMatching(message)]);
    expect(problems(list(20_000))).toEqual([]);
  });

  it('tokens', () => {
    const reading = readTokens('language 1\n');
    const { length } = reading.tokens;
    const tokens = (count: number) => Array.from({ length: count / length }, () => reading.tokens).flat();
    const refusal = (count: number) =>
      refuseTokens(Piece.whole('x.net', 'a\n'), { ...reading, tokens: tokens(count) })?.message;
    expect(refusal(sourceLimits.tokens)).toBeUndefined();
    expect(refusal(sourceLimits.tokens + length)).toBe(
      'the file has more than 600,000 words, numbers and symbols',
    );
  });

  it('statements', () => {
    const message = /N6001 the file has more than 50,000 statements$/;
    const lines = (count: number) => inBlock('x\n  y = y'.repeat(count));
    expect(problems(lines(sourceLimits.statements))).toEqual([expect.stringMatching(message)]);
  });

  it('length of a name, a number and a string', () => {
    const long = 'a'.repeat(sourceLimits.tokenLength + 1);
    const has = (kind: string, length: number) => `3:7 N6001 this ${kind} has ${length} characters`;
    expect(problems(inBlock(long))).toEqual([has('name', long.length)]);
    expect(problems(inBlock('1'.repeat(long.length)))).toEqual([has('number', long.length)]);
    expect(problems(inBlock(`"${long}"`))).toEqual([has('string', long.length + 2)]);
    expect(problems(inBlock('a'.repeat(sourceLimits.tokenLength)))).toEqual([]);
  });

  it.each([
    [
      'lines that the parser cannot read',
      'language 1\nblock B()(x: [N]) -> [N] {\n' + 'y = = x\n'.repeat(10_000) + '}',
    ],
    ['strange characters', 'language 1\n' + '$ '.repeat(10_000)],
    ['characters of other languages', 'language 1\n' + 'labels L = [];\n'.repeat(5_000)],
    ['strings that do not end', 'language 1\n' + '"\n'.repeat(10_000)],
    ['what is no declaration', 'language 1\n' + 'a\n'.repeat(10_000)],
    ['divisions that are comments', inBlock('x // 2\n'.repeat(5_000))],
    ['escapes that are none', inBlock(`[${`"${'\\q'.repeat(400)}",`.repeat(20)}]`)],
  ])('errors: %s', (_kind, text) => {
    const said = problems(text);
    expect(said).toHaveLength(101);
    expect(said.at(-1)).toMatch(/N6001 there are more than 100 errors; the rest is not looked for$/);
  });
});

describe('what goes with a message', () => {
  const text = 'language 1\nblock F()(x: [N]) -> [N] {\n  for i in 0..2 {\n    x = f(x)\n  return x\n}\n';

  it('points to the bracket that is open and to the one that lacks its end', () => {
    const [diagnostic] = read(text).diagnostics;
    expect(diagnostic?.related.map(({ span, message }) => [text.slice(span.start), message])).toEqual([
      [text.slice(text.indexOf('{')), 'this `{` is not closed'],
      [text.slice(text.indexOf('{\n    x')), 'by the indentation, it is this one that lacks its end'],
    ]);
  });

  it.each([
    ['if x = 1 { y = x }', 'if x == 1 { y = x }'],
    ["y = 'a\"b'", 'y = "a\\"b"'],
    ['y = a && b', 'y = a and b'],
    ['y = !a', 'y = not a'],
    ['y = x;', 'y = x'],
    ['y = x # why', 'y = x // why'],
    ['y = [1)', 'y = [1]'],
    ['y = x // z', 'y = x  // z'],
  ])('a fix that mends %s', (wrong, right) => {
    const source = (line: string) => `language 1\nblock F()(x: [N]) -> [N] {\n  ${line}\n  return x\n}\n`;
    const before = source(wrong);
    const edits = read(before).diagnostics.flatMap(({ fix }) => fix?.edits ?? []);
    const [edit, ...more] = edits;
    if (edit === undefined || more.length > 0) throw new Error('expected one edit');
    const mended = before.slice(0, edit.span.start) + edit.text + before.slice(edit.span.end);
    expect(mended).toBe(source(right));
  });

  it('offers the missing version', () => {
    const [diagnostic] = read('labels L = []').diagnostics;
    expect(diagnostic?.fix?.edits[0]?.text).toBe('language 1\n\n');
  });

  it.each([
    ['language 1\nblok F', 'Did you mean `block`?'],
    ['language 1\ndef f', 'Did you mean `block`?'],
    ['language 1\nblock F(n: integer)() -> []', 'Did you mean `int`?'],
    ['language 1\nblock F()() -> [] {\n  asert x\n}', 'Did you mean `assert`?'],
    ['language 1\nblock F(x: [N, C]) -> [N] { }', 'two groups'],
    ['language 1\nblock F()(x: [3]) -> [N] { }', 'Axes have names'],
  ])('%j is helped', (source, help) => {
    expect(read(source).diagnostics[0]?.help).toContain(help);
  });
});
