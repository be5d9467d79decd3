import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { hasAxis } from '../ir/tensor-type.ts';
import {
  channelAffineInputs,
  type ChannelAffineAttributes,
  type ChannelAffineTerm,
} from '../ops/channel-affine.ts';
import { named } from '../ops/named.ts';
import { rescaleFactors, type RescaleAttributes } from '../ops/rescale.ts';
import { countReaders } from './count-readers.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * Rescaling, adding and relu become one pass over memory where nothing else reads what is between them. Of two tensors
 * that are added, the sum is made in the place of the other one. Where that is read elsewhere, too, they are joined only if
 * a relu follows.
 */
export const joinChannelAffine: Pass = {
  name: 'join-channel-affine',
  description: 'makes one operation of what is scaled by channel, added to, and then put through a relu',
  run: (graph) => new Joining(graph).run(),
};

/** Nodes that become one, which takes the place of the last of them. */
interface Chain {
  readonly start: GraphNode;
  readonly addend: GraphValue | undefined;
  readonly relu: boolean;
}

class Joining {
  readonly #graph: Graph;
  readonly #rewriter: GraphRewriter;
  readonly #counts: ReadonlyMap<number, number>;
  /** One node that reads each value. */
  readonly #readers = new Map<number, GraphNode>();
  readonly #chains = new Map<GraphNode, Chain>();
  readonly #absorbed = new Set<GraphNode>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#rewriter = new GraphRewriter(graph);
    this.#counts = countReaders(graph);
    for (const node of graph.nodes) for (const { id } of node.inputs) this.#readers.set(id, node);
  }

  run(): Graph {
    for (const node of this.#graph.nodes) {
      if (!this.#absorbed.has(node) && isStart(node)) this.#follow(node);
    }
    for (const node of this.#graph.nodes) {
      const chain = this.#chains.get(node);
      if (chain !== undefined) this.#join(chain, node);
      else if (!this.#absorbed.has(node)) this.#rewriter.keep(node);
    }
    return this.#rewriter.finish();
  }

  #follow(start: GraphNode): void {
    const sum = this.#sumBehind(start);
    const relu = this.#reluBehind(sum?.node ?? start);
    const chain: readonly (GraphNode | undefined)[] = [start, sum?.node, hasRelu(start) ? undefined : relu];
    const nodes = chain.filter((node) => node !== undefined);
    // A product alone is as well off as it is.
    if (nodes.length === 1 && start.op !== 'rescale') return;
    const last = nodes.pop() ?? start;
    nodes.forEach((node) => this.#absorbed.add(node));
    this.#chains.set(last, { start, addend: sum?.addend, relu: last === relu });
  }

  /**
   * The addition behind a node, and what it adds. Where something else needs that, a copy is made of it, which is as long as the
   * pass over memory that the addition would have been; so a relu must be saved besides.
   */
  #sumBehind(start: GraphNode): { readonly node: GraphNode; readonly addend: GraphValue } | undefined {
    const node = this.#onlyReader(start);
    if (node?.op !== 'add' || hasAddend(start) || hasRelu(start)) return undefined;
    const addend = otherOperand(node, start);
    if (addend === undefined) return undefined;
    const isFree = this.#counts.get(addend.id) === 1;
    return isFree || this.#reluBehind(node) !== undefined ? { node, addend } : undefined;
  }

  #reluBehind(node: GraphNode): GraphNode | undefined {
    const reader = this.#onlyReader(node);
    return reader?.op === 'relu' ? reader : undefined;
  }

  /** The node that alone reads the result of this one, and that has no place yet. */
  #onlyReader({ outputs: [output] }: GraphNode): GraphNode | undefined {
    if (output === undefined || this.#counts.get(output.id) !== 1) return undefined;
    const reader = this.#readers.get(output.id);
    return reader === undefined || this.#chains.has(reader) || this.#absorbed.has(reader)
      ? undefined
      : reader;
  }

  #join({ start, addend, relu }: Chain, last: GraphNode): void {
    const [result] = last.outputs;
    if (result === undefined) throw new Error(`${last.path}: a node without outputs`);
    const { x, gain, offset, addend: own, channel } = this.#affineOf(start);
    const added = own ?? (addend && this.#rewriter.read(addend));
    const terms: readonly ChannelAffineTerm[] = [
      ...(offset === undefined ? [] : (['offset'] as const)),
      ...(added === undefined ? [] : (['addend'] as const)),
    ];
    const inputs = [x, gain, offset, added].filter((value) => value !== undefined);
    const attributes: ChannelAffineAttributes = { channel, terms, relu: relu || hasRelu(start) };
    const joined = this.#rewriter.emitOne('channel_affine', inputs, attributes, result.hint, start);
    this.#rewriter.replace(result, joined);
  }

  /** What the first node of a chain computes, in values of the new graph. */
  #affineOf(start: GraphNode): {
    readonly x: GraphValue;
    readonly gain: GraphValue;
    readonly offset?: GraphValue | undefined;
    readonly addend?: GraphValue | undefined;
    readonly channel: string;
  } {
    const inputs = start.inputs.map((value) => this.#rewriter.read(value));
    switch (start.op) {
      case 'rescale': {
        const { x, weight, bias, variance } = named(inputs, ['x', 'weight', 'bias', 'variance']);
        const { channel, eps } = start.attributes as RescaleAttributes;
        const { gain } = rescaleFactors(
          (op, operands, attributes = {}) => this.#rewriter.emitOne(op, operands, attributes, x.hint, start),
          { weight, variance },
          eps,
        );
        return { x, gain, offset: bias, channel };
      }
      case 'channel_affine': {
        const attributes = start.attributes as ChannelAffineAttributes;
        return { ...channelAffineInputs(inputs, attributes), channel: attributes.channel };
      }
      default: {
        const { a, b } = named(inputs, ['a', 'b']);
        const [x, gain] = a.type.axes.length > b.type.axes.length ? [a, b] : [b, a];
        return { x, gain, channel: gain.type.axes[0]?.name ?? '' };
      }
    }
  }
}

/** What is added to the result of a node, if it is as large. */
function otherOperand({ inputs }: GraphNode, { outputs: [result] }: GraphNode): GraphValue | undefined {
  const other = inputs.find(({ id }) => id !== result?.id);
  return other?.type.axes.length === result?.type.axes.length ? other : undefined;
}

function isStart({ op, inputs: [a, b] }: GraphNode): boolean {
  return (
    op === 'rescale' ||
    op === 'channel_affine' ||
    (op === 'mul' && a !== undefined && b !== undefined && (isVectorOf(a, b) || isVectorOf(b, a)))
  );
}

/** Whether one of the two has one axis of the several that the other has. */
function isVectorOf({ type: { axes } }: GraphValue, { type }: GraphValue): boolean {
  const [axis, ...more] = axes;
  return axis !== undefined && more.length === 0 && type.axes.length > 1 && hasAxis(type, axis.name);
}

function hasAddend({ op, attributes }: GraphNode): boolean {
  return op === 'channel_affine' && (attributes as ChannelAffineAttributes).terms.includes('addend');
}

function hasRelu({ op, attributes }: GraphNode): boolean {
  return op === 'channel_affine' && (attributes as ChannelAffineAttributes).relu;
}
