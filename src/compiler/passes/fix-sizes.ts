import type { Graph, GraphValue } from '../ir/graph.ts';
import { mapSizes } from '../ir/tensor-type.ts';
import { substituteAttributes } from '../ops/attributes.ts';
import { constant, substitute, type Size, type SizeVar } from '../shapes/size.ts';

/** The graph for given values of dynamic sizes, such as a fixed batch. */
export function fixSizes(graph: Graph, values: ReadonlyMap<SizeVar, number>): Graph {
  if (values.size === 0) return graph;
  const sizes = new Map([...values].map(([v, value]): [SizeVar, Size] => [v, constant(value)]));
  const fixed = new Map<number, GraphValue>();
  const fix = (value: GraphValue): GraphValue => {
    const known = fixed.get(value.id);
    if (known !== undefined) return known;
    const result = { ...value, type: mapSizes(value.type, (size) => substitute(size, sizes)) };
    fixed.set(value.id, result);
    return result;
  };
  // An output states its axes in an order of its own.
  const fixOutput = (value: GraphValue): GraphValue => ({ ...value, type: mapSizes(value.type, (size) => substitute(size, sizes)) }); // prettier-ignore
  return {
    ...graph,
    dynamic: graph.dynamic.filter((v) => !values.has(v)),
    inputs: graph.inputs.map((input) => ({ ...input, value: fix(input.value) })),
    params: graph.params.map((param) => ({ ...param, value: fix(param.value) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      attributes: substituteAttributes(node.attributes, sizes),
      inputs: node.inputs.map(fix),
      outputs: node.outputs.map(fix),
    })),
    outputs: graph.outputs.map((output) => ({ ...output, value: fixOutput(output.value) })),
    updates: graph.updates.map(({ path, value }) => ({ path, value: fix(value) })),
    blocks: graph.blocks.map((block) => ({
      ...block,
      values: block.values.map((value) => value && fix(value)),
    })),
  };
}
