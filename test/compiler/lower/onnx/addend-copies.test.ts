import { expect, test } from 'vitest';
import { copyAddends } from '../../../../src/compiler/lower/onnx/addend-copies.ts';
import type { OnnxGraph, OnnxNode } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';
import { emitStep } from '../../../../src/compiler/targets/onnx-train.ts';
import { moduleOf } from '../../../support/model-graph.ts';

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

test('in a step of ResNet-50, the inputs of blocks are, which their gradients are added to besides', () => {
  const module = moduleOf('bench/train-step/resnet50.net', { set: { size: '64' } });
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  const { made } = emitStep(module, { batch: 2, provenance, forms: 'blocked16' });
  const copies = made?.model.graph.nodes.filter(({ name }) => name.startsWith('copies.')) ?? [];
  // Blocks of the first two stages behind the first of each, forwards and backwards; the others are small at this size.
  expect(copies.length).toBeGreaterThan(4);
  // What they are added to is as large as the result, which is said.
  const types = new Map(made?.model.graph.values.map(({ name, dims }) => [name, dims]));
  for (const { name } of copies) expect(types.has(name), name).toBe(true);
});
