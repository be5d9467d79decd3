import { expect, test } from 'vitest';
import { openShapes } from '../../../../src/compiler/lower/onnx/open-shapes.ts';
import type { OnnxGraph } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';

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
