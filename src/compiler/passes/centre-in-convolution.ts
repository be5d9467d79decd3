import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { axisNames, withoutAxes } from '../ir/tensor-type.ts';
import type { CentreAttributes } from '../ops/centre.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import { named, only } from '../ops/named.ts';
import { elements } from '../ops/sizes-of.ts';
import { isPointwise } from '../ops/window.ts';
import { countReaders } from './count-readers.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * The mean of what a pointwise convolution makes is the weight times the mean of what it reads. So the convolution can take
 * it off as its bias, where centring would read all that it made twice and write it once more.
 */
export const centreInConvolution: Pass = {
  name: 'centre-in-convolution',
  description: 'takes the mean of each channel off in the pointwise convolution that makes it',
  run: (graph) => {
    const centred = centredConvolutions(graph);
    const joined = new Set(centred.values());
    const rewriter = new GraphRewriter(graph);
    for (const node of graph.nodes) {
      const convolution = centred.get(node);
      if (convolution !== undefined) centre(rewriter, node, convolution);
      else if (!joined.has(node)) rewriter.keep(node);
    }
    return centred.size === 0 ? graph : rewriter.finish();
  },
};

/** By the node that centres, the convolution that nothing else reads. */
function centredConvolutions(graph: Graph): ReadonlyMap<GraphNode, GraphNode> {
  const readers = countReaders(graph);
  const convolutions = new Map<number, GraphNode>();
  const found = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (paysOff(node)) convolutions.set(only(node.outputs).id, node);
    if (node.op !== 'centre') continue;
    const x = only(node.inputs);
    const convolution = convolutions.get(x.id);
    if (convolution === undefined || readers.get(x.id) !== 1) continue;
    // The attributes of an op are what its file says.
    const { channel } = node.attributes as CentreAttributes;
    if ((convolution.attributes as ConvAttributes).to === channel) found.set(node, convolution);
  }
  return found;
}

/** Whether a node is a pointwise convolution of not so many channels that their means are more work than what is saved. */
function paysOff({ op, inputs, outputs, attributes }: GraphNode): boolean {
  if (op !== 'conv') return false;
  const { windows, groups } = attributes as ConvAttributes;
  if (groups.value !== 1 || !windows.every(isPointwise)) return false;
  const [from, to] = [elements(named(inputs, ['x']).x.type).value, elements(only(outputs).type).value];
  return from !== undefined && to !== undefined && from <= 2 * to;
}

function centre(rewriter: GraphRewriter, node: GraphNode, convolution: GraphNode): void {
  const attributes = convolution.attributes as ConvAttributes;
  const { from, to } = attributes;
  const one = (op: string, inputs: readonly GraphValue[], given = {}): GraphValue =>
    rewriter.emitOne(op, inputs, given, only(node.inputs).hint, node);
  const [x, weight, bias] = convolution.inputs.map((value) => rewriter.read(value));
  const [mean, centred, variance] = node.outputs;
  if (!x || !weight || !mean || !centred || !variance) throw new Error(`${node.path}: this is no centring`);
  const mixed = one('mean', [x], { over: axisNames(x.type).filter((name) => name !== from) });
  const taps = axisNames(weight.type).filter((name) => name !== '.out' && name !== '.in');
  const products = one('contract', [weight, mixed], { over: [{ left: '.in', right: from }] });
  const made = taps.length === 0 ? products : one('sum', [products], { over: taps });
  const [result] = rewriter.emit('conv', [x, weight, one('neg', [made])], attributes, centred.hint, node);
  if (result === undefined) throw new Error(`${node.path}: a convolution makes nothing`);
  const squares = one('channel_dot', [result, result], { channel: to });
  const count = one('constant', [], { value: elements(withoutAxes(result.type, [to])) });
  const byChannel = { from: ['.out'], to: [to] };
  const whole = bias === undefined ? made : one('add', [made, bias]);
  rewriter.replace(mean, one('rename', [whole], byChannel));
  rewriter.replace(centred, result);
  rewriter.replace(variance, one('div', [squares, count]));
}
