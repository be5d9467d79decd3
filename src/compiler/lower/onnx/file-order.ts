import { depthFirst, depthsOf, leavesOf, type Reads } from '../../ir/depth-first-order.ts';
import { product } from '../../ops/sizes-of.ts';
import { evaluate } from '../../shapes/size.ts';
import { namesRead } from './names-read.ts';
import type { OnnxGraph, OnnxNode } from './onnx-model.ts';

/**
 * The nodes of a graph in an order of the file by which ONNX Runtime runs them in about the order in which they are
 * given, as `schedule` puts them. It runs them depth first, back from the nodes that no other reads, beginning with the
 * last of the file, and from each node to its inputs, again the last of the file first. So what no node reads stands at
 * the end, in reverse, and all else by the length of the longest way to it.
 *
 * What ends the life of something large and is itself needed much later, such as the gradient of a bias which is updated
 * together with all others, gets a reader of its own that does nothing: so it is no later than its turn.
 *
 * Where another runtime goes by the file, or this one by something else some day, a step needs more memory and computes
 * the same.
 */
export function fileOrder(graph: OnnxGraph): readonly OnnxNode[] {
  const order = inOrder(graph.nodes);
  const late = new Set(lateReductions(graph, order));
  if (late.size === 0) return order;
  return inOrder(graph.nodes.flatMap((node) => (late.has(node) ? [node, readerOf(node)] : [node])));
}

function inOrder(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const reads = readsOf(nodes);
  const depths = depthsOf(reads);
  const leaves = leavesOf(reads);
  const isLeaf = new Set(leaves);
  const others = nodes.flatMap((_node, at) => (isLeaf.has(at) ? [] : [at]));
  others.sort((a, b) => (depths[a] ?? 0) - (depths[b] ?? 0) || a - b);
  return [...others, ...leaves.toReversed()].flatMap((at) => nodes.slice(at, at + 1));
}

/** The nodes of a file in the order in which ONNX Runtime runs them. */
export function executionOrder(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const reads = readsOf(nodes);
  const order = depthFirst(reads, leavesOf(reads).toReversed(), (a, b) => b - a);
  return order.flatMap((at) => nodes.slice(at, at + 1));
}

/** Nodes that make little of much, and would run long after that is there. */
function lateReductions(
  { inputs, outputs, values }: OnnxGraph,
  file: readonly OnnxNode[],
): readonly OnnxNode[] {
  const tensors = [...inputs, ...outputs, ...values];
  const sizes = new Map(tensors.map(({ name, dims }) => [name, evaluate(product(dims), () => 1)]));
  const size = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const running = executionOrder(file);
  const made = new Map<string, number>();
  return running.filter((node, at) => {
    for (const name of node.outputs) made.set(name, at);
    const read = namesRead(node);
    const ready = Math.max(0, ...read.map((name) => made.get(name) ?? 0));
    return at - ready > soon && size(read) >= large && size(node.outputs) * 8 <= size(read);
  });
}

/** Nodes that may come between. */
const soon = 32;

/** Elements. */
const large = 2 ** 14;

function readerOf({ name, owner, outputs }: OnnxNode): OnnxNode {
  const inputs = outputs.slice(0, 1);
  return { name: `${name}/Now`, owner, opType: 'Identity', inputs, outputs: [`${name}/Now`], attributes: {} };
}

export function readsOf(nodes: readonly OnnxNode[]): Reads {
  const makers = new Map(nodes.flatMap(({ outputs }, at) => outputs.map((name) => [name, at] as const)));
  return nodes.map((node) => [...new Set(namesRead(node).flatMap((name) => makers.get(name) ?? []))]);
}
