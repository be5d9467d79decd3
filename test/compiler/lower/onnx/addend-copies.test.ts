import { expect, test } from 'vitest';
import { copyAddends } from '../../../../src/compiler/lower/onnx/addend-copies.ts';
import type { OnnxGraph, OnnxNode } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';

function node(opType: string, inputs: readonly string[], output: string): OnnxNode {
  return { name: output, owner: '', opType, inputs, outputs: [output], attributes: {} };
}

/** Graph of a convolution that adds to `a`, which is as long as is said; with what reads it besides. */
function graph(length: number, ...others: readonly OnnxNode[]): OnnxGraph {
  const tensor = (name: string) => ({ name, dtype: 'f32' as const, dims: [constant(length)] });
  const nodes = [node('Neg', ['x'], 'a'), node('Conv', ['x', 'w', '', 'a'], 'b'), ...others];
  return {
    name: 'Test',
    inputs: [tensor('x'), tensor('w')],
    outputs: [],
    nodes,
    initializers: [],
    values: nodes.map(({ name }) => tensor(name)),
  };
}

const later = node('Mul', ['a', 'b'], 'c');

test('what is read later is copied, and added to in the copy', () => {
  const before = graph(2 ** 16, later);
  const { nodes, initializers, values } = copyAddends(before);
  expect(nodes.map(({ opType, inputs, outputs }) => [opType, ...inputs, ...outputs])).toEqual([
    ['Neg', 'x', 'a'],
    ['Mul', 'a', 'copies.one', 'copies.b'],
    ['Conv', 'x', 'w', '', 'copies.b', 'b'],
    ['Mul', 'a', 'b', 'c'],
  ]);
  expect(initializers.map(({ name, data }) => [name, ...data.values])).toEqual([['copies.one', 1]]);
  expect(values.at(-1)).toEqual({ ...before.values[0], name: 'copies.b' });
});

test.each([
  ['what nobody else reads', graph(2 ** 16)],
  ['what is small', graph(2 ** 10, later)],
])('%s is not', (_what, before) => {
  expect(copyAddends(before)).toBe(before);
});
