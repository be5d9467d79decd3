import type { Graph, GraphNode } from '../ir/graph.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import type { AvgPoolAttributes } from '../ops/pool.ts';
import { isPoint, type Window } from '../ops/window.ts';
import { constant } from '../shapes/size.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * A convolution of kernel 1 at a stride reads few of the places of its input; its gradients would go through all of them.
 * Behind a pool of kernel 1, which hands on those that are read, it is a matrix product forwards and backwards.
 */
export const sampleBeforeConvolution: Pass = {
  name: 'sample-before-convolution',
  description: 'takes the places that a convolution of kernel 1 reads at its stride before it',
  run: split,
};

function split(graph: Graph): Graph {
  if (!graph.nodes.some(isStrided)) return graph;
  const rewriter = new GraphRewriter(graph);
  for (const node of graph.nodes) {
    if (isStrided(node)) splitOne(node, rewriter);
    else rewriter.keep(node);
  }
  return rewriter.finish();
}

function isStrided({ op, attributes }: GraphNode): boolean {
  if (op !== 'conv') return false;
  const { windows } = attributes as ConvAttributes;
  return windows.every(isPoint) && windows.some(skips);
}

function splitOne(node: GraphNode, rewriter: GraphRewriter): void {
  const attributes = node.attributes as ConvAttributes;
  const [x, ...weights] = node.inputs.map((value) => rewriter.read(value));
  const [result] = node.outputs;
  if (x === undefined || result === undefined) throw new Error(`${node.path}: not a convolution`);
  const pool: AvgPoolAttributes = { windows: attributes.windows.filter(skips), countPadding: false };
  const sampled = rewriter.emitOne('avg_pool', [x], pool, 'sampled', node);
  const windows = attributes.windows.map((window) => ({ ...window, stride: constant(1) }));
  const inputs = [sampled, ...weights];
  rewriter.replace(result, rewriter.emitOne('conv', inputs, { ...attributes, windows }, result.hint, node));
}

function skips({ stride }: Window): boolean {
  return stride.value !== 1;
}
