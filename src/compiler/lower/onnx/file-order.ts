import { depthsOf, leavesOf, type Reads } from '../../ir/depth-first-order.ts';
import type { OnnxNode } from './onnx-model.ts';

/**
 * The same nodes in an order of the file by which ONNX Runtime runs them in about the order in which they are given, as
 * `schedule` puts them. It runs them depth first, back from the nodes that no other reads, beginning with the last of
 * the file, and from each node to its inputs, again the last of the file first. So what no node reads stands at the end,
 * in reverse, and all else by the length of the longest way to it. Where another runtime goes by the file, or this one
 * by something else some day, the step needs more memory and computes the same.
 */
export function fileOrder(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const reads = readsOf(nodes);
  const depths = depthsOf(reads);
  const leaves = leavesOf(reads);
  const isLeaf = new Set(leaves);
  const others = nodes.flatMap((_node, at) => (isLeaf.has(at) ? [] : [at]));
  others.sort((a, b) => (depths[a] ?? 0) - (depths[b] ?? 0) || a - b);
  return [...others, ...leaves.toReversed()].flatMap((at) => nodes.slice(at, at + 1));
}

export function readsOf(nodes: readonly OnnxNode[]): Reads {
  const makers = new Map(nodes.flatMap(({ outputs }, at) => outputs.map((name) => [name, at] as const)));
  return nodes.map(({ inputs }) => [...new Set(inputs.flatMap((name) => makers.get(name) ?? []))]);
}
