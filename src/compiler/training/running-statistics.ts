import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { countReaders } from '../passes/count-readers.ts';
import type { GraphRewriter } from '../passes/graph-rewriter.ts';
import { pack, unpack, type Packable } from './packing.ts';

/** How one running statistic goes on: old (1 - momentum) + fresh momentum. */
interface Blend {
  /** A value of the old graph, as `next` is. */
  readonly old: GraphValue;
  readonly fresh: GraphValue;
  readonly next: GraphValue;
  readonly momentum: number;
  readonly at: GraphNode;
}

/**
 * The running statistics of all batch norms, which are blended as one vector in the order of the parameters: each is of a few
 * hundred numbers, and to start three operations on every one of them takes longer than to compute them.
 */
export class RunningStatistics {
  readonly #rewriter: GraphRewriter;
  readonly #order: ReadonlyMap<number, number>;
  readonly #readers: ReadonlyMap<number, number>;
  readonly #blends: Blend[] = [];

  constructor(graph: Graph, rewriter: GraphRewriter) {
    this.#rewriter = rewriter;
    this.#order = new Map(graph.params.map(({ value }, i) => [value.id, i]));
    this.#readers = countReaders({ ...graph, updates: [] });
  }

  /** What is blended later, or at once where a call of the same batch norm that follows reads the result. */
  add(blend: Blend): void {
    if (this.#order.has(blend.old.id) && !this.#readers.has(blend.next.id)) this.#blends.push(blend);
    else this.#emit([blend]);
  }

  /** Blends what was added. */
  finish(): void {
    const position = ({ old }: Blend): number => this.#order.get(old.id) ?? 0;
    const blends = this.#blends.toSorted((a, b) => position(a) - position(b));
    for (const momentum of new Set(blends.map((blend) => blend.momentum))) {
      this.#emit(blends.filter((blend) => blend.momentum === momentum));
    }
  }

  #emit(blends: readonly Blend[]): void {
    const [first] = blends;
    if (first === undefined) return;
    const { momentum, at } = first;
    const rewriter = this.#rewriter;
    const one = (op: string, inputs: readonly GraphValue[], attributes = {}): GraphValue =>
      rewriter.emitOne(op, inputs, attributes, 'running', at);
    const packed = (of: (blend: Blend) => GraphValue): GraphValue => {
      const vectors = blends.map((blend): Packable => ({ value: of(blend), like: blend.next.type, at: blend.at })); // prettier-ignore
      return pack(rewriter, vectors, 'running');
    };
    const kept = one('mul', [packed(({ old }) => rewriter.read(old)), one('constant', [], { value: 1 - momentum })]); // prettier-ignore
    const fresh = one('mul', [packed((blend) => blend.fresh), one('constant', [], { value: momentum })]);
    const next = unpack(rewriter, one('add', [kept, fresh]), blends.map((blend) => ({ like: blend.next, at: blend.at }))); // prettier-ignore
    blends.forEach((blend, i) => {
      const value = next[i];
      if (value === undefined) throw new Error(`${blend.at.path}: a running statistic was lost`);
      rewriter.replace(blend.next, value);
    });
  }
}
