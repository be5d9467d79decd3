import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import type { ConcatAttributes } from '../ops/concat.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * A concatenation of concatenations along the same axis reads their parts. To write it takes the same time, and it can
 * be computed once more without them: in a DenseNet, where each adds a part to the one before, that one alone instead of
 * all up to it.
 */
export const flattenConcats: Pass = {
  name: 'flatten-concats',
  description: 'has a concatenation of concatenations read their parts',
  run: flatten,
};

/** Beyond this the edges of a deep chain of concatenations would be as many as the square of its length. */
const most = 64;

function flatten(graph: Graph): Graph {
  const rewriter = new GraphRewriter(graph);
  const concats = new Map<number, GraphNode>();
  for (const node of graph.nodes) {
    if (node.op !== 'concat') {
      rewriter.keep(node);
      continue;
    }
    const partsOf = (value: GraphValue): readonly GraphValue[] => {
      const maker = concats.get(value.id);
      return maker !== undefined && axisOf(maker) === axisOf(node) ? maker.inputs : [value];
    };
    const inputs = node.inputs.flatMap(partsOf);
    const kept = rewriter.keep(inputs.length <= most ? { ...node, inputs } : node);
    for (const { id } of kept.outputs) concats.set(id, kept);
  }
  return rewriter.finish();
}

function axisOf({ attributes }: GraphNode): string {
  return (attributes as ConcatAttributes).axis;
}
