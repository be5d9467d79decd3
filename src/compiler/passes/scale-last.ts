import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { makersOf } from '../ir/makers-of.ts';
import {
  channelAffineInputs,
  type ChannelAffineAttributes,
  type ChannelAffineTerm,
} from '../ops/channel-affine.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * What a batch norm hands back to x is gain (g - mean(g) - x mean(g x)), but it comes as three terms that are scaled
 * each by itself: the gain is taken out of them and applied last, where what follows may do without it.
 */
export const scaleLast: Pass = {
  name: 'scale-last',
  description: 'takes the factor that all terms of a sum by channel have in common out of them',
  run: (graph) => new Factoring(graph).run(),
};

class Factoring {
  readonly #graph: Graph;
  readonly #rewriter: GraphRewriter;
  /** Of the old graph. */
  readonly #makers: ReadonlyMap<number, GraphNode>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#rewriter = new GraphRewriter(graph);
    this.#makers = makersOf(graph.nodes);
  }

  run(): Graph {
    for (const node of this.#graph.nodes) {
      if (node.op !== 'channel_affine' || !this.#factorOut(node)) this.#rewriter.keep(node);
    }
    return this.#rewriter.finish();
  }

  /** Whether there was something to take out. */
  #factorOut(node: GraphNode): boolean {
    const attributes = node.attributes as ChannelAffineAttributes;
    const { x, gain, offset, addend } = channelAffineInputs(node.inputs, attributes);
    const [result] = node.outputs;
    const product = addend && this.#makers.get(addend.id);
    if (attributes.relu || result === undefined || product?.op !== 'mul') return false;
    const factor = product.inputs.find(({ type: { axes } }) => axes.length === 1);
    const rest = product.inputs.find((value) => value !== factor);
    if (factor === undefined || rest === undefined || rest.type.axes.length === 1) return false;
    if (factor.type.axes[0]?.name !== attributes.channel) return false;
    const summands = offset === undefined ? [gain] : [gain, offset];
    if (!summands.every((value) => this.#hasFactor(value, factor))) return false;
    const terms: readonly ChannelAffineTerm[] = offset === undefined ? ['addend'] : ['offset', 'addend'];
    const vectors = summands.map((value) => this.#without(value, factor, node));
    const inputs = [this.#rewriter.read(x), ...vectors, this.#rewriter.read(rest)];
    const sum = this.#rewriter.emitOne('channel_affine', inputs, { ...attributes, terms }, result.hint, node);
    const scaled = this.#rewriter.emitOne('mul', [sum, this.#rewriter.read(factor)], {}, result.hint, node);
    this.#rewriter.replace(result, scaled);
    return true;
  }

  /** Whether the value is written as a product in which the factor occurs. */
  #hasFactor(value: GraphValue, factor: GraphValue): boolean {
    if (value.id === factor.id) return true;
    const node = this.#makers.get(value.id);
    if (node === undefined) return false;
    return factorable(node).some((input) => this.#hasFactor(input, factor));
  }

  /** The same product without the factor, once. */
  #without(value: GraphValue, factor: GraphValue, at: GraphNode): GraphValue {
    if (value.id === factor.id) return this.#ones(factor, at);
    const node = this.#makers.get(value.id);
    const place = node && factorable(node).findIndex((input) => this.#hasFactor(input, factor));
    const part = node?.inputs[place ?? -1];
    if (node === undefined || part === undefined)
      throw new Error(`${at.path}: not a product with that factor`);
    const others = node.inputs.filter((_input, i) => i !== place).map((input) => this.#rewriter.read(input));
    const [other] = others;
    if (node.op === 'mul' && part.id === factor.id && other?.type.axes.length === 1) return other;
    const left = this.#without(part, factor, at);
    return this.#rewriter.emitOne(node.op, [left, ...others], node.attributes, value.hint, at);
  }

  #ones({ type }: GraphValue, at: GraphNode): GraphValue {
    const number = this.#rewriter.emitOne('constant', [], { value: 1 }, 'one', at);
    const over = type.axes.map(({ name, size }) => ({ axis: name, size }));
    return this.#rewriter.emitOne('expand', [number], { over }, 'ones', at);
  }
}

/** The inputs that a node's result is proportional to. */
function factorable({ op, inputs }: GraphNode): readonly GraphValue[] {
  switch (op) {
    case 'mul':
      return inputs;
    case 'div':
    case 'neg':
      return inputs.slice(0, 1);
    default:
      return [];
  }
}
