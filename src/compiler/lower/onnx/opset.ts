import type { OnnxAttribute } from './emitter.ts';
import type { OnnxGraph, OnnxInitializer, OnnxModel, OnnxNode } from './onnx-model.ts';

/** The operator sets that can be written, with the oldest version of the file format that has each. */
export const opsets = { 17: 8, 18: 8, 19: 9, 20: 9, 21: 10 } as const;

export type Opset = keyof typeof opsets;

export function isOpset(value: number): value is Opset {
  return Object.hasOwn(opsets, value);
}

/** Reductions whose axes became an input in operator set 18. (ReduceSum's did in 13.) */
const reductions: ReadonlySet<string> = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd']);

/** A model of operator set 17 in a later one. */
export function toOpset(model: OnnxModel, opset: Opset): OnnxModel {
  return { ...model, opset, graph: opset < 18 ? model.graph : asSince18(model.graph) };
}

/** What changed in operator set 18, as far as it is written here; later ones only added. */
function asSince18(graph: OnnxGraph): OnnxGraph {
  const taken = new Set([
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...graph.inputs.map(({ name }) => name),
  ]);
  const added = new Map<string, OnnxInitializer>();
  const axesInput = (axes: readonly number[]): string => {
    let name = `axes_${axes.join('_')}`;
    while (taken.has(name)) name = `${name}_`;
    added.set(name, { name, dims: [axes.length], data: { dtype: 'int64', values: axes } });
    return name;
  };
  const later = (node: OnnxNode): OnnxNode => {
    const { axes, ...others } = node.attributes;
    if (reductions.has(node.opType) && axes?.type === 'ints')
      return { ...node, inputs: [...node.inputs, axesInput(axes.value)], attributes: others };
    const attributes: Record<string, OnnxAttribute> = {};
    for (const [key, attribute] of Object.entries(node.attributes)) {
      const inside = attribute.type === 'graph' ? attribute.value : undefined;
      attributes[key] =
        inside === undefined
          ? attribute
          : { type: 'graph', value: { ...inside, nodes: inside.nodes.map(later) } };
    }
    return { ...node, attributes };
  };
  const nodes = graph.nodes.map(later);
  return { ...graph, nodes, initializers: [...graph.initializers, ...added.values()] };
}
