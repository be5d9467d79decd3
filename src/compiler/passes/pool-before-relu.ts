import type { Graph, GraphNode } from '../ir/graph.ts';
import { only } from '../ops/named.ts';
import { countReaders } from './count-readers.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * The largest of what a ReLU lets through is what the ReLU lets through of the largest; so it may come behind a pool of maxima,
 * where there is less to do: a quarter behind the first pool of most networks for images, and a quarter of its mask for
 * the gradient. That goes to the same element of a window, or to none where no element is positive.
 */
export const poolBeforeRelu: Pass = {
  name: 'pool-before-relu',
  description: 'takes maxima before the ReLU of whose results they are taken',
  run: (graph) => {
    const pools = exchangeable(graph);
    if (pools.size === 0) return graph;
    const relus = new Set(pools.values());
    const rewriter = new GraphRewriter(graph);
    for (const node of graph.nodes) {
      const relu = pools.get(node);
      if (relus.has(node)) continue;
      if (relu === undefined) {
        rewriter.keep(node);
        continue;
      }
      const result = only(node.outputs);
      const x = rewriter.read(only(relu.inputs));
      const pooled = rewriter.emitOne(node.op, [x], node.attributes, result.hint, node);
      rewriter.replace(result, rewriter.emitOne(relu.op, [pooled], relu.attributes, result.hint, relu));
    }
    return rewriter.finish();
  },
};

/** The pools whose input is a ReLU's that nothing else reads, each with it. */
function exchangeable({ nodes, ...graph }: Graph): ReadonlyMap<GraphNode, GraphNode> {
  const readers = countReaders({ nodes, ...graph });
  const relus = new Map(
    nodes.filter(({ op }) => op === 'relu').map((node) => [only(node.outputs).id, node] as const),
  );
  return new Map(
    nodes.flatMap((node) => {
      const relu = node.op === 'max_pool' ? relus.get(only(node.inputs).id) : undefined;
      return relu !== undefined && readers.get(only(relu.outputs).id) === 1 ? [[node, relu] as const] : [];
    }),
  );
}
