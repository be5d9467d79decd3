import { expect, test } from 'vitest';
import { openShapes } from '../../../../src/compiler/lower/onnx/open-shapes.ts';
import type { OnnxGraph } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant, print } from '../../../../src/compiler/shapes/size.ts';

test('inputs of the batch are read by way of a shape that is known only when the graph runs', () => {
  const tensor = (name: string, ...dims: number[]) => ({
    name,
    dtype: 'f32' as const,
    dims: dims.map(constant),
  });
  const add = { name: 'add', owner: '', opType: 'Add', attributes: {} };
  const graph: OnnxGraph = {
    name: 'Test',
    inputs: [tensor('x', 2, 3), tensor('weight', 3), tensor('rate')],
    outputs: [tensor('y', 2, 3)],
    nodes: [{ ...add, inputs: ['x', 'weight'], outputs: ['sum'] }],
    initializers: [],
    values: [tensor('sum', 2, 3)],
  };
  const opened = openShapes(graph, new Set(['x', 'rate']));
  expect(opened.nodes.map(({ opType, inputs }) => [opType, ...inputs])).toEqual([
    ['Shape', 'x'],
    ['Abs', 'opened.x/Shape'],
    ['Reshape', 'x', 'opened.x/Abs'],
    ['Add', 'opened.x/Reshape', 'weight'],
  ]);
  expect(opened.inputs).toEqual(graph.inputs);
  expect(opened.values).toEqual([]);
});

test('so they are inside of a branch', () => {
  const tensor = (name: string) => ({ name, dtype: 'f32' as const, dims: [constant(2)] });
  const node = (opType: string, inputs: string[], output: string) => ({ name: output, owner: '', opType, inputs, outputs: [output], attributes: {} }); // prettier-ignore
  const branch: OnnxGraph = {
    name: 'then',
    inputs: [],
    outputs: [tensor('inside')],
    nodes: [node('Add', ['x', 'constant'], 'between'), node('Neg', ['between'], 'inside')],
    initializers: [],
    values: [tensor('between')],
  };
  const choice = { ...node('If', ['c'], 'y'), attributes: { then_branch: { type: 'graph', value: branch } } } as const; // prettier-ignore
  const graph: OnnxGraph = {
    name: 'Test',
    inputs: [tensor('x')],
    outputs: [tensor('y')],
    nodes: [choice],
    initializers: ['constant', 'other'].map((name) => ({
      name,
      dims: [1],
      data: { dtype: 'f32' as const, values: Float32Array.of(1) },
    })),
    values: [],
  };
  const { nodes, initializers } = openShapes(graph, new Set(['x']));
  const attribute = nodes.at(-1)?.attributes['then_branch'];
  const inner = attribute?.type === 'graph' ? attribute.value.nodes : [];
  expect(inner.map(({ inputs }) => inputs)).toEqual([['opened.x/Reshape', 'constant'], ['between']]);
  expect(initializers.map(({ name }) => name)).toEqual(['constant']);
});

test('a reshape to a megabyte has its first length left open, and what else reads the shape does not', () => {
  const tensor = (name: string, ...dims: number[]) => ({
    name,
    dtype: 'f32' as const,
    dims: dims.map(constant),
  });
  const shape = (name: string, ...values: number[]) => ({
    name,
    dims: [values.length],
    data: { dtype: 'int64' as const, values },
  });
  const node = (opType: string, inputs: string[], output: string) => ({ name: output, owner: '', opType, inputs, outputs: [output], attributes: {} }); // prettier-ignore
  const graph: OnnxGraph = {
    name: 'Test',
    inputs: [tensor('x', 1, 2 ** 19)],
    outputs: [tensor('y', 1, 2 ** 19), tensor('z', 2, 2 ** 17 - 1)],
    nodes: [
      node('Reshape', ['x', 'both'], 'a'),
      node('Expand', ['a', 'both'], 'b'),
      node('Reshape', ['b', 'one'], 'y'),
      node('Reshape', ['w', 'small'], 'z'),
    ],
    initializers: [
      shape('both', 1, 2, 2 ** 18),
      shape('one', 1, 2 ** 19),
      shape('empty', 0, 6),
      shape('small', 2, 2 ** 17 - 1),
    ],
    values: [tensor('a', 1, 2, 2 ** 18), tensor('b', 1, 2, 2 ** 18)],
  };
  const { nodes, initializers } = openShapes(graph, new Set());
  expect(nodes.map(({ inputs }) => inputs)).toEqual([
    ['x', 'opened.both'],
    ['a', 'both'],
    ['b', 'opened.one'],
    ['w', 'small'],
  ]);
  const lengths = initializers.map(({ name, data }) => [name, ...data.values]);
  expect(lengths).toEqual([
    ['both', 1, 2, 2 ** 18],
    ['small', 2, 2 ** 17 - 1],
    ['opened.both', 1, -1, 2 ** 18],
    ['opened.one', 1, -1],
  ]);
});

test('what may be written over is said of the tensors that are large', () => {
  const tensor = (name: string) => ({ name, dtype: 'f32' as const, dims: [2, 2 ** 14].map(constant) });
  const node = (opType: string, input: string, output: string) => ({ name: output, owner: '', opType, inputs: [input], outputs: [output], attributes: {} }); // prettier-ignore
  const graph: OnnxGraph = {
    name: 'Test',
    inputs: [tensor('x')],
    outputs: [tensor('y')],
    nodes: [node('Softmax', 'x', 'a'), node('Relu', 'a', 'b'), node('Softmax', 'b', 'y')],
    initializers: [],
    values: [tensor('a'), tensor('b')],
  };
  const { values } = openShapes(graph, new Set(['x']));
  expect(values.map(({ name, dims: [, length] }) => [name, length?.value])).toEqual([
    ['a', 2 ** 14],
    ['b', 2 ** 14],
  ]);
  const [a, b] = values.map(({ dims: [first] }) => first && print(first));
  expect(a).toBe(b);
});
