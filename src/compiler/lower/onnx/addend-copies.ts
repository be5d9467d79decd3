import type { OnnxTensor } from './emitter.ts';
import { executionOrder, fileOrder } from './file-order.ts';
import { elements, lastReaders, overwrittenAddend } from './in-place.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx-model.ts';

/** Elements from which on a copy by one thread takes longer than another operation. */
const LARGE = 2 ** 16;

const one: OnnxInitializer = {
  name: 'copies.one',
  dims: [],
  data: { dtype: 'f32', values: Float32Array.of(1) },
};

/**
 * The same graph, in which what a convolution adds to is copied by a product with 1 where somebody reads it later: that works on
 * all threads. Left to itself, the convolution makes that copy on one, and so it does where somebody has ONNX Runtime optimise the
 * graph, which takes such a product away.
 */
export function copyAddends(graph: OnnxGraph): OnnxGraph {
  const types = new Map(graph.values.map((value) => [value.name, value]));
  const last = lastReaders(executionOrder(fileOrder(graph)));
  const values: OnnxTensor[] = [];
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const addend = types.get(overwrittenAddend(node) ?? '');
    if (addend === undefined || last.get(addend.name) === node) return [node];
    if (elements(addend) < LARGE) return [node];
    // No name that a source can give holds a dot.
    const name = `copies.${node.name}`;
    values.push({ ...addend, name });
    const copy: OnnxNode = {
      name,
      owner: node.owner,
      opType: 'Mul',
      inputs: [addend.name, one.name],
      outputs: [name],
      attributes: {},
    };
    return [copy, { ...node, inputs: node.inputs.with(3, name) }];
  });
  if (values.length === 0) return graph;
  return {
    ...graph,
    nodes,
    initializers: [...graph.initializers, one],
    values: [...graph.values, ...values],
  };
}
