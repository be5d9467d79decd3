import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import { isPointwise } from '../ops/window.ts';
import { countReaders } from './count-readers.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * Where a tensor is read by a convolution and by something else, as in every residual block, two gradients come back and
 * are added. A convolution of kernel 1 can add its own to the other while it makes it.
 */
export const joinInputGradient: Pass = {
  name: 'join-input-gradient',
  description: 'adds what comes back through a pointwise convolution to what else does, in one node',
  run: join,
};

function join(graph: Graph): Graph {
  const sums = joinable(graph);
  if (sums.size === 0) return graph;
  const joined = new Set(Array.from(sums.values(), ({ gradient }) => gradient));
  const rewriter = new GraphRewriter(graph);
  for (const node of graph.nodes) {
    const sum = sums.get(node);
    const [result] = node.outputs;
    // It is made where the other is there, too.
    if (joined.has(node)) continue;
    if (sum === undefined || result === undefined) {
      rewriter.keep(node);
      continue;
    }
    const { gradient, addend } = sum;
    const inputs = [...gradient.inputs, addend].map((value) => rewriter.read(value));
    rewriter.replace(
      result,
      rewriter.emitOne(gradient.op, inputs, gradient.attributes, result.hint, gradient),
    );
  }
  return rewriter.finish();
}

/** A gradient that nothing else reads, and what it is added to. */
interface Sum {
  readonly gradient: GraphNode;
  readonly addend: GraphValue;
}

function joinable(graph: Graph): ReadonlyMap<GraphNode, Sum> {
  const gradients = new Map<number, GraphNode>();
  const sums = new Map<GraphNode, Sum>();
  const readers = countReaders(graph);
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    if (result === undefined) continue;
    if (isPointwiseGradient(node) && readers.get(result.id) === 1) gradients.set(result.id, node);
    const [a, b] = node.inputs;
    if (node.op !== 'add' || a === undefined || b === undefined || !isSame(a.type, b.type)) continue;
    const [own, addend] = gradients.has(a.id) ? [a, b] : [b, a];
    const gradient = gradients.get(own.id);
    if (gradient === undefined || !isSame(own.type, result.type)) continue;
    sums.set(node, { gradient, addend });
  }
  return sums;
}

function isPointwiseGradient({ op, inputs, attributes }: GraphNode): boolean {
  if (op !== 'conv_input_gradient' || inputs.length > 2) return false;
  return (attributes as ConvAttributes).windows.every(isPointwise);
}

/** Whether both have the same axes in one order; of those that are added, equal names have equal sizes. */
function isSame(a: TensorType, b: TensorType): boolean {
  const [of, as] = [axisNames(a), axisNames(b)];
  return of.length === as.length && of.every((name, i) => name === as[i]);
}
