import { makersOf } from '../ir/makers-of.ts';
import type { GraphNode, GraphValue } from '../ir/graph.ts';
import { hasAxis } from '../ir/tensor-type.ts';
import { ops } from '../ops/registry.ts';
import type { Pass } from './pass.ts';

/**
 * What an `expand` repeats, such as the gradient of a mean, is read as it was before where it meets a tensor that has all of its
 * axes: ops on two tensors repeat the smaller one by themselves, without a tensor of copies.
 */
export const repeatWhereRead: Pass = {
  name: 'repeat-where-read',
  description: 'leaves it to ops on two tensors to repeat the smaller one',
  run: (graph) => {
    const makers = makersOf(graph.nodes);
    const nodes = graph.nodes.map((node) =>
      ops.get(node.op)?.isElementwise === true ? withoutCopies(node, makers) : node,
    );
    return { ...graph, nodes };
  },
};

function withoutCopies(node: GraphNode, makers: ReadonlyMap<number, GraphNode>): GraphNode {
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined) return node;
  const [smallA, smallB] = [expandedFrom(a, makers), expandedFrom(b, makers)];
  if (smallB !== undefined && hasAllAxes(a, b)) return { ...node, inputs: [a, smallB] };
  return smallA !== undefined && hasAllAxes(b, a) ? { ...node, inputs: [smallA, b] } : node;
}

function expandedFrom({ id }: GraphValue, makers: ReadonlyMap<number, GraphNode>): GraphValue | undefined {
  const maker = makers.get(id);
  return maker?.op === 'expand' ? maker.inputs[0] : undefined;
}

function hasAllAxes({ type }: GraphValue, of: GraphValue): boolean {
  return of.type.axes.every(({ name }) => hasAxis(type, name));
}
