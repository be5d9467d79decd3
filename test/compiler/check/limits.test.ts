import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';

/*
 * Small sources that mean something gigantic. Each must come to an end soon, with a message; a test that hangs has failed.
 */
function diagnosticsOf(source: string): readonly Diagnostic[] {
  const { module, diagnostics } = compile('main.net', { reader: memoryReader({ 'main.net': source }) });
  return module === undefined
    ? diagnostics
    : [...diagnostics, ...flatten(module, { mode: 'infer' }).diagnostics];
}

function times(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('');
}

function model(statements: string, input = '[N, C: 4]'): string {
  return `language 1\nmodel M {\n  input x: ${input}\n${statements}\n  output y = relu(x)\n}\n`;
}

function nested(depth: number, turns: number, body: string): string {
  return times(depth, (i) => `for i${i} in 0..${turns} {\n`) + `${body}\n` + '}\n'.repeat(depth);
}

/** Blocks of which each calls the one before twice. */
function doubling(depth: number, hypers: string, first: string, second: string): string {
  const head = (i: number): string => `block B${i}(${hypers})(x: [N, C]) -> [N, C]`;
  const chain = times(depth, (i) => `${head(i + 1)} { return B${i}(${first})(B${i}(${second})(x)) }\n`);
  const call = hypers === '' ? '' : '1.0';
  return `language 1\n${head(0)} { return relu(x) }\n${chain}model M {\n  input x: [N, C: 4]\n  output y = B${depth}(${call})(x)\n}\n`;
}

const explosions: readonly (readonly [name: string, source: string, message: RegExp])[] = [
  ['loops in loops', model(nested(10, 1000, 'x = relu(x)')), /unrolled, the loops/],
  ['loops in loops around nothing', model(nested(60, 2, '')), /unrolled, the loops/],
  ['loops over lists', model(nested(20, 1, '').replaceAll('0..1', '[1, 2]')), /unrolled, the loops/],
  [
    'a loop of a million layers',
    model('for i in 0..1000000000 { x = x |> relu }'),
    /more than \d+ operations/,
  ],
  ['a list that doubles', model(`l = [1]\n${'l = l ++ l\n'.repeat(60)}`), /65536 is the most/],
  [
    'a list of tensors that doubles',
    model('l = [x]\nfor i in 0..4000 { l = l ++ l }\nx = concat(l, along: C)'),
    /65536 is the most/,
  ],
  ['blocks that call blocks twice', doubling(60, '', '', ''), /more than \d+ operations/],
  ['blocks that differ in a number each', doubling(30, 's: float', 's + 1.0', 's * 2.0 + 0.5'), /2000 ways/],
  [
    'a where without end',
    `language 1\nblock B()(x: [N, C]) -> [N, C] where ${times(5000, (i) => `C != ${i + 1},`)} C > 0 { return x }\n`,
    /at most 50 conditions/,
  ],
  [
    'a size beyond all numbers',
    model(`z = 2\n${'z = z * z\n'.repeat(20)}x = x |> linear(C -> C: z)`),
    /2\^53/,
  ],
  [
    'loops that leave sizes open without end',
    `language 1\nblock B(n: int)(x: [N, H]) -> [N, C: 2] where n >= 0 {\n${'for i in 0..n { x = x |> max_pool(over: [H: 2]) }\n'.repeat(1000)}  y = x |> linear(H -> C: 2)\n  return y\n}\n`,
    /150 loops of `B` that leave a size open/,
  ],
  [
    'a polynomial that explodes',
    `language 1\nblock B(a: int, b: int, c: int, d: int, e: int)(x: [N]) -> [N] {\n  z = a + b + c + d + e\n${'z = z * z\n'.repeat(10)}  assert z > 0\n  return x\n}\n`,
    /terms/,
  ],
];

describe('a source that would explode', () => {
  it.each(explosions)('%s', (_name, source, message) => {
    const errors = diagnosticsOf(source).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code)).toMatchObject([expect.stringMatching(/N600[12]/)]);
    expect(errors[0]?.message).toMatch(message);
  });
});

describe('long programs', () => {
  it('are warned of a hundred times at most', () => {
    expect(diagnosticsOf(model(times(300, (i) => `  a${i} = relu(x)\n`)))).toHaveLength(100);
  });

  it('may assume much, and are checked in linear time', () => {
    const asserted = times(1000, (i) => `  assert C != ${i + 1}\n`);
    const source = `language 1\nblock B()(x: [N, C]) -> [N, C] {\n${asserted}  return x\n}\n`;
    expect(diagnosticsOf(source)).toEqual([]);
  });

  it('may ask for much that their definition does not know', () => {
    const branches = times(
      2500,
      () => '  if slope > 0.5 { x = relu(x) } else if form == "leaky" { x = -x }\n',
    );
    const source = `language 1\nblock B(slope: float, form: string)(x: [N, C]) -> [N, C] {\n${branches}  return x\n}\n`;
    expect(diagnosticsOf(source)).toEqual([]);
  });

  it('may have as many loops as they like that leave sizes alone', () => {
    const irregular = '  for i in 0..n { x = x |> max_pool(over: [H: 2]) }\n'.repeat(150);
    const regular = '  for i in 0..n { x = relu(x) }\n'.repeat(200);
    const source = `language 1\nblock B(n: int)(x: [N, H]) -> [N, C: 2] where n >= 0 {\n${irregular}${regular}  y = x |> linear(H -> C: 2)\n  return y\n}\n`;
    expect(new Set(diagnosticsOf(source).map(({ code }) => code))).not.toContain('N6001');
  });

  it('may demand much of their inputs', () => {
    const convs = times(
      200,
      (i) => `  c${i} = x |> conv(C -> C: 1, over: [H: ${2 * i + 3}], padding: valid)\n`,
    );
    const source = `language 1\nblock B()(x: [N, C, H]) -> [N, C, H] {\n${convs}  return x\n}\n`;
    expect(new Set(diagnosticsOf(source).map(({ code }) => code))).toEqual(new Set(['N3013']));
  });
});
