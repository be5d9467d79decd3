import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { makersOf } from '../ir/makers-of.ts';
import { axisNames } from '../ir/tensor-type.ts';
import { bytesOf } from '../memory/value-bytes.ts';
import { attributesKey } from '../ops/attributes.ts';
import { channelAffineInputs, type ChannelAffineAttributes } from '../ops/channel-affine.ts';
import type { ChannelDotAttributes } from '../ops/channel-dot.ts';
import type { ConcatAttributes } from '../ops/concat.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import { named } from '../ops/named.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * Where a batch norm and its relu go into a convolution and nowhere else, what the gain gets follows from the weight of
 * the convolution and the gradient of that, which are less than the images: see `gain_gradient`. A pass over two images
 * is saved, and in a DenseNet one that joins the pieces of one of them once more.
 */
export const gainFromWeights: Pass = {
  name: 'gain-from-weights',
  description: 'has the gradients of gains before convolutions from the weights and their gradients',
  run: rewrite,
};

function rewrite(graph: Graph): Graph {
  const finder = new Finder(graph);
  const rewriter = new GraphRewriter(graph);
  const kept = new Set<GraphNode>();
  const keep = (node: GraphNode): void => {
    if (!kept.has(node)) rewriter.keep(node);
    kept.add(node);
  };
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    const found = finder.find(node);
    if (found === undefined || result === undefined) {
      keep(node);
      continue;
    }
    // Of what is there already it is the sum.
    keep(found.sum);
    const inputs = found.inputs.map((value) => rewriter.read(value));
    const { channel } = node.attributes as ChannelDotAttributes;
    rewriter.replace(result, rewriter.emitOne('gain_gradient', inputs, { channel }, result.hint, node));
  }
  return rewriter.finish();
}

interface Found {
  /** Of a `gain_gradient`. */
  readonly inputs: readonly GraphValue[];
  /** Makes one of them. */
  readonly sum: GraphNode;
}

/** Looks at the nodes of a graph in their order. */
class Finder {
  readonly #makers: ReadonlyMap<number, GraphNode>;
  /** Nodes that sum a value over axes, by the value's id. */
  readonly #sums = new Map<number, GraphNode[]>();
  /** What convolutions' gradients by their weights are, by what they are made of, as far as they have come. */
  readonly #weightGradients = new Map<string, GraphValue>();

  constructor({ nodes }: Graph) {
    this.#makers = makersOf(nodes);
    for (const node of nodes) {
      const [x] = node.inputs;
      if (node.op !== 'sum' || x === undefined) continue;
      this.#sums.set(x.id, [...(this.#sums.get(x.id) ?? []), node]);
    }
  }

  /** What a node can be replaced by. */
  find(node: GraphNode): Found | undefined {
    const [result] = node.outputs;
    if (node.op === 'conv_weight_gradient' && result !== undefined) {
      const { x, g } = named(node.inputs, ['x', 'g']);
      this.#weightGradients.set(keyOf(x, g, node.attributes as ConvAttributes), result);
    }
    if (node.op !== 'channel_dot') return undefined;
    const { channel } = node.attributes as ChannelDotAttributes;
    const { a: g, b: x } = named(node.inputs, ['a', 'b']);
    const through = this.#convolutionBefore(g);
    if (through?.from !== channel) return undefined;
    const affine = this.#affineOf(through.y, x, channel);
    const sum = this.#sums.get(g.id)?.find(({ outputs: [of] }) => of !== undefined && isVector(of, channel));
    const [total] = sum?.outputs ?? [];
    if (affine === undefined || sum === undefined || total === undefined) return undefined;
    const { weight, dweight } = through;
    // Both weights are read, and their products written and read.
    if (2 * bytesOf(weight) > bytesOf(g)) return undefined;
    const vectors = [affine.gain, affine.offset, affine.variance, total];
    return { inputs: [g, ...vectors, weight, dweight, ...this.#piecesOf(x, channel)], sum };
  }

  /** Of g = conv_input_gradient(...) is_positive(y) the convolution, if y goes into it and its other gradient is there. */
  #convolutionBefore(g: GraphValue):
    | {
        readonly y: GraphValue;
        readonly from: string;
        readonly weight: GraphValue;
        readonly dweight: GraphValue;
      }
    | undefined {
    const mask = this.#operand(g, 'mul', 'is_positive');
    const back = this.#operand(g, 'mul', 'conv_input_gradient');
    const [y] = mask?.inputs ?? [];
    // A third input is what else reads y has sent back.
    if (y === undefined || back?.inputs.length !== 2) return undefined;
    const { g: made, weight } = named(back.inputs, ['g', 'weight']);
    const attributes = back.attributes as ConvAttributes;
    const dweight = this.#weightGradients.get(keyOf(y, made, attributes));
    if (dweight === undefined || attributes.groups.value !== 1) return undefined;
    return { y, from: attributes.from, weight, dweight };
  }

  /** Of y = relu(x gain + offset) the vectors, where x has been centred, and has the variance by which the gain divides. */
  #affineOf(
    y: GraphValue,
    x: GraphValue,
    channel: string,
  ): Readonly<Record<'gain' | 'offset' | 'variance', GraphValue>> | undefined {
    const affine = this.#makers.get(y.id);
    if (affine?.op !== 'channel_affine') return undefined;
    const attributes = affine.attributes as ChannelAffineAttributes;
    const { x: scaled, gain, offset, addend } = channelAffineInputs(affine.inputs, attributes);
    const isOf = scaled.id === x.id && attributes.channel === channel && attributes.relu;
    if (!isOf || offset === undefined || addend !== undefined) return undefined;
    const [sum] = this.#operand(gain, 'mul', 'rsqrt')?.inputs ?? [];
    const added = sum === undefined ? [] : this.#inputsOf(sum, 'add');
    const variance = added.find((value) => this.#isVariance(value, x));
    return variance && { gain, offset, variance };
  }

  /** Whether x is what a node centred, or several joined, and the other value its variance. */
  #isVariance(value: GraphValue, x: GraphValue): boolean {
    const [maker, centring] = [this.#makers.get(value.id), this.#makers.get(x.id)];
    if (maker?.op === 'centre')
      return maker === centring && maker.outputs[1]?.id === x.id && maker.outputs[2]?.id === value.id;
    const [values, xs] = [this.#inputsOf(value, 'concat'), this.#inputsOf(x, 'concat')];
    return (
      values.length > 0 &&
      values.length === xs.length &&
      values.every((part, i) => xs[i] !== undefined && this.#isVariance(part, xs[i]))
    );
  }

  #piecesOf(x: GraphValue, channel: string): readonly GraphValue[] {
    const maker = this.#makers.get(x.id);
    const isJoined = maker?.op === 'concat' && (maker.attributes as ConcatAttributes).axis === channel;
    return isJoined ? maker.inputs : [x];
  }

  #inputsOf(value: GraphValue, op: string): readonly GraphValue[] {
    const maker = this.#makers.get(value.id);
    return maker?.op === op ? maker.inputs : [];
  }

  /** The node of the one op among those that make the inputs of a node of the other. */
  #operand(value: GraphValue, of: string, op: string): GraphNode | undefined {
    const makers = this.#inputsOf(value, of).map(({ id }) => this.#makers.get(id));
    return makers.find((maker) => maker?.op === op);
  }
}

/** Of a convolution, by what both of its gradients read. */
function keyOf(x: GraphValue, g: GraphValue, { from, to, windows, groups }: ConvAttributes): string {
  return `${x.id} ${g.id} ${attributesKey({ from, to, windows, groups })}`;
}

function isVector({ type }: GraphValue, channel: string): boolean {
  const [name, ...more] = axisNames(type);
  return name === channel && more.length === 0;
}
