import { depthFirstOrder, type Reads } from '../ir/depth-first-order.ts';
import type { GraphNode } from '../ir/graph.ts';
import { isReduction } from '../memory/value-bytes.ts';
import type { Pass } from './pass.ts';

/** The order of a graph is the one in which it runs, and by which its memory is reckoned. */
export const schedule: Pass = {
  name: 'schedule',
  description: 'puts nodes where they are needed, and first what frees memory',
  run: (graph) => {
    const reductions = graph.nodes.flatMap((node, at) => (isReduction(node) ? [at] : []));
    const order = depthFirstOrder(readsOf(graph.nodes), reductions);
    const nodes = order.flatMap((at): readonly GraphNode[] => graph.nodes.slice(at, at + 1));
    return { ...graph, nodes };
  },
};

function readsOf(nodes: readonly GraphNode[]): Reads {
  const makers = new Map<number, number>();
  return nodes.map(({ inputs, outputs }, at) => {
    for (const { id } of outputs) makers.set(id, at);
    const read = inputs.flatMap(({ id }) => makers.get(id) ?? []);
    return [...new Set(read)];
  });
}
