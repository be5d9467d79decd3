import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import type { Pass } from './pass.ts';

/** Nodes and parameters that no output and no new state depends on. */
export const deadCode: Pass = {
  name: 'dead-code',
  description: 'removes nodes and parameters that no result depends on',
  run: removeDeadCode,
};

function removeDeadCode(graph: Graph): Graph {
  const live = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value.id));
  const kept: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => live.has(id))) continue;
    kept.push(node);
    for (const { id } of node.inputs) live.add(id);
  }
  for (const node of kept) for (const { id } of node.outputs) live.add(id);
  for (const { value } of graph.inputs) live.add(value.id);
  const present = (value: GraphValue | undefined): GraphValue | undefined =>
    value !== undefined && live.has(value.id) ? value : undefined;
  const updated = new Set(graph.updates.map(({ path }) => path));
  return {
    ...graph,
    params: graph.params.filter(({ path, value }) => live.has(value.id) || updated.has(path)),
    nodes: kept.reverse(),
    blocks: graph.blocks.map((block) => ({ ...block, values: block.values.map(present) })),
  };
}
