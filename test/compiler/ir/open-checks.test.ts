import { expect, test } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';

const codesOf = (source: string): readonly string[] =>
  compile('a.net', { reader: memoryReader({ 'a.net': `language 1\n${source}` }) }).diagnostics.map(
    ({ code }) => code,
  );

const sum = `
block Sum(widths: [int])(x: [N, C]) -> [N, C] {
  y = x
  for width in widths {
    part = x |> linear(C -> C: width)
    y = y + part
  }
  return y
}`;

test('what a shape rule leaves to the numbers is decided by compiling alone', () => {
  const model = (widths: string): string => `${sum}
model M() {
  input x: [N, C: 6]
  y = x |> Sum(${widths})
  output y
}`;
  expect(codesOf(model('[6, 6]'))).toEqual([]);
  expect(codesOf(model('[6, 5]'))).toEqual(['N4001']);
});

test('so is what an opaque size of the model itself leaves open', () => {
  const model = (width: number): string => `
block Doubled(depth: int)(x: [N, C], y: [N, D]) -> [N, C: ${width}] {
  for i in 0..depth {
    x = concat([x, x], along: C)
  }
  return x + (y |> linear(D -> C: ${width}))
}
model M() {
  input x: [N, C: 6]
  y = Doubled(3)(x, x |> rename(C -> D))
  output y
}`;
  expect(codesOf(model(48))).toEqual([]);
  expect(codesOf(model(47))).toEqual(['N4001']);
});
