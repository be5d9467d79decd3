import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { hasAxis } from '../ir/tensor-type.ts';
import type { ReduceAttributes } from '../ops/reduce.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * A factor that does not vary along the axes of a sum is applied to the sum. The gradients of batch norms sum what they
 * have scaled by channel, and they sum it before they scale it, too: so the two sums become one.
 */
export const sumBeforeScale: Pass = {
  name: 'sum-before-scale',
  description: 'sums before it scales, where the scale is the same for all that is summed',
  run: exchange,
};

function exchange(graph: Graph): Graph {
  const products = new Map<number, GraphNode>();
  const rewriter = new GraphRewriter(graph);
  for (const node of graph.nodes) {
    if (node.op === 'mul') for (const { id } of node.outputs) products.set(id, node);
    const product = node.op === 'sum' ? products.get(node.inputs[0]?.id ?? NaN) : undefined;
    const split = product && factorOut(product, node.attributes as ReduceAttributes);
    const [result] = node.outputs;
    if (split === undefined || result === undefined) {
      rewriter.keep(node);
      continue;
    }
    const [summed, factor] = split.map((value) => rewriter.read(value));
    if (summed === undefined || factor === undefined) throw new Error(`${node.path}: not a product`);
    const sum = rewriter.emitOne('sum', [summed], node.attributes, result.hint, node);
    rewriter.replace(result, rewriter.emitOne('mul', [sum, factor], {}, result.hint, node));
  }
  return rewriter.finish();
}

/** What is summed, and the factor, which varies along none of the axes of the sum. */
function factorOut(
  { inputs: [a, b] }: GraphNode,
  { over }: ReduceAttributes,
): readonly [summed: GraphValue, factor: GraphValue] | undefined {
  if (a === undefined || b === undefined) return undefined;
  const isFactor = ({ type }: GraphValue): boolean => over.every((name) => !hasAxis(type, name));
  if (isFactor(b)) return [a, b];
  return isFactor(a) ? [b, a] : undefined;
}
