import { expect, test } from 'vitest';
import { typesInPlace } from '../../../../src/compiler/lower/onnx/in-place.ts';
import type { OnnxGraph, OnnxNode } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant, print } from '../../../../src/compiler/shapes/size.ts';

const large = [2, 16, 32, 32];

const tensor = (name: string, dims: readonly number[] = large) => ({
  name,
  dtype: 'f32' as const,
  dims: dims.map(constant),
});

function node(opType: string, inputs: readonly string[], output: string): OnnxNode {
  return { name: output, owner: '', opType, inputs, outputs: [output], attributes: {} };
}

/** Of a graph of these nodes on the inputs x, w and z, the open lengths by tensor. */
function chains(nodes: readonly OnnxNode[], sizes: Readonly<Record<string, readonly number[]>> = {}) {
  const graph: OnnxGraph = {
    name: 'Test',
    inputs: ['x', 'w', 'z'].map((name) => tensor(name)),
    outputs: [],
    nodes,
    initializers: [],
    values: nodes.flatMap(({ outputs }) => outputs.map((name) => tensor(name, sizes[name]))),
  };
  const types = typesInPlace(graph);
  for (const { dims } of types) expect(dims.slice(1)).toEqual(large.slice(1).map(constant));
  const lengths = types.map(({ dims: [first] }) => first && print(first));
  const numbers = lengths.map((length) => lengths.indexOf(length));
  return Object.fromEntries(types.map(({ name }, i) => [name, numbers[i]]));
}

test('what is written over the last time it is read is as large as what is written', () => {
  const nodes = [node('Neg', ['x'], 'a'), node('Relu', ['a'], 'b'), node('Mul', ['z', 'b'], 'c')];
  expect(chains(nodes)).toEqual({ a: 0, b: 0, c: 0 });
});

test('what is read later, or no element at a time, is not written over', () => {
  const nodes = [
    node('Neg', ['x'], 'a'),
    node('Relu', ['a'], 'b'),
    node('Softmax', ['b'], 'c'),
    node('Add', ['c', 'a'], 'd'),
  ];
  expect(chains(nodes)).toEqual({ c: 0, d: 0 });
});

test('what only a branch reads later is read', () => {
  const inside = (name: string) => ({ name, inputs: [], outputs: [], nodes: [node('Neg', ['a'], name)], initializers: [], values: [] }); // prettier-ignore
  const branch = (name: string) => ({ type: 'graph', value: inside(name) }) as const;
  const attributes = { then_branch: branch('then'), else_branch: branch('else') };
  const nodes = [
    node('Softmax', ['x'], 'a'),
    node('Relu', ['a'], 'b'),
    { ...node('If', ['b'], 'c'), attributes },
  ];
  expect(chains(nodes)).toEqual({});
});

test('each chain has a size of its own', () => {
  const nodes = [
    node('Softmax', ['x'], 'a'),
    node('Sqrt', ['a'], 'b'),
    node('Softmax', ['b'], 'c'),
    node('Sqrt', ['c'], 'd'),
  ];
  expect(chains(nodes)).toEqual({ a: 0, b: 0, c: 2, d: 2 });
});

test.each(['Conv', 'FusedConv'])('what a %s adds to, and nothing else that it reads', (opType) => {
  const nodes = [
    node('Softmax', ['x'], 'a'),
    node('Softmax', ['z'], 'b'),
    node(opType, ['a', 'w', '', 'b'], 'c'),
    node(opType, ['c', 'w'], 'd'),
  ];
  expect(chains(nodes)).toEqual({ b: 0, c: 0 });
});

test('small tensors, and those of another size, are left', () => {
  const nodes = [node('Neg', ['x'], 'a'), node('Relu', ['a'], 'b'), node('Add', ['b', 'z'], 'c')];
  expect(chains(nodes, { a: [2, 3], b: [2, 3] })).toEqual({});
});
