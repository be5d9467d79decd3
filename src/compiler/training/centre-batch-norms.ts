import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { withoutAxes } from '../ir/tensor-type.ts';
import type { BatchNormAttributes } from '../ops/batch-norm.ts';
import type { ConcatAttributes } from '../ops/concat.ts';
import { elements } from '../ops/sizes-of.ts';
import { GraphRewriter } from '../passes/graph-rewriter.ts';
import type { Pass } from '../passes/pass.ts';
import { constant, sub, type Size } from '../shapes/size.ts';
import { RunningStatistics } from './running-statistics.ts';

/**
 * Takes batch norms that train apart: x is centred, and then rescaled. A concatenation along the channels is centred by
 * centring its parts, each of them once however many batch norms read it: in a DenseNet, where every layer normalises all
 * that came before it, this takes the statistics, and their gradients, from quadratic to linear in the layers.
 */
export const centreBatchNorms: Pass = {
  name: 'centre-batch-norms',
  description: 'takes batch norms apart, and centres what several of them read once',
  run: (graph) => new Centring(graph).run(),
};

interface Centred {
  readonly mean: GraphValue;
  readonly centred: GraphValue;
  readonly variance: GraphValue;
}

class Centring {
  readonly #graph: Graph;
  readonly #rewriter: GraphRewriter;
  readonly #statistics: RunningStatistics;
  /** The nodes that make values, of the new graph. */
  readonly #makers = new Map<number, GraphNode>();
  readonly #known = new Map<string, Centred>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#rewriter = new GraphRewriter(graph);
    this.#statistics = new RunningStatistics(graph, this.#rewriter);
  }

  run(): Graph {
    for (const node of this.#graph.nodes) {
      if (node.op === 'batch_norm_train') this.#takeApart(node);
      else {
        const kept = this.#rewriter.keep(node);
        for (const { id } of kept.outputs) this.#makers.set(id, kept);
      }
    }
    this.#statistics.finish();
    return this.#rewriter.finish();
  }

  #takeApart(node: GraphNode): void {
    // The attributes of an op are what its file says.
    const { channel, eps, momentum } = node.attributes as BatchNormAttributes;
    const [x, weight, bias] = node.inputs.map((value) => this.#rewriter.read(value));
    const [, , , oldMean, oldVariance] = node.inputs;
    const [y, newMean, newVariance, mean, variance] = node.outputs;
    if (!x || !weight || !bias || !oldMean || !oldVariance || !y || !newMean || !newVariance) {
      throw new Error(`${node.path}: a batch norm lacks inputs or outputs`);
    }
    const parts = this.#centre(x, channel, node);
    const one = (op: string, inputs: readonly GraphValue[], attributes = {}): GraphValue =>
      this.#rewriter.emitOne(op, inputs, attributes, y.hint, node);
    const number = (value: number | Size): GraphValue => one('constant', [], { value });
    const scaled = [parts.centred, weight, bias, parts.variance];
    this.#rewriter.replace(y, one('rescale', scaled, { channel, eps }));
    // The variance that is stored divides by n - 1, or by 1 where n is 1.
    const count = elements(withoutAxes(x.type, [channel]));
    const less = one('maximum', [number(sub(count, constant(1))), number(1)]);
    const unbiased = one('mul', [parts.variance, one('div', [number(count), less])]);
    this.#statistics.add({ old: oldMean, fresh: parts.mean, next: newMean, momentum, at: node });
    this.#statistics.add({ old: oldVariance, fresh: unbiased, next: newVariance, momentum, at: node });
    if (mean) this.#rewriter.replace(mean, parts.mean);
    if (variance) this.#rewriter.replace(variance, parts.variance);
  }

  #centre(x: GraphValue, channel: string, at: GraphNode): Centred {
    const key = `${x.id} ${channel}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const maker = this.#makers.get(x.id);
    const made =
      maker?.op === 'concat' && (maker.attributes as ConcatAttributes).axis === channel
        ? this.#centreParts(maker, channel, at)
        : this.#centreWhole(x, channel, at);
    this.#known.set(key, made);
    return made;
  }

  #centreWhole(x: GraphValue, channel: string, at: GraphNode): Centred {
    const [mean, centred, variance] = this.#rewriter.emit('centre', [x], { channel }, x.hint, at);
    if (!mean || !centred || !variance) throw new Error('`centre` has three outputs');
    return { mean, centred, variance };
  }

  #centreParts({ inputs, outputs }: GraphNode, channel: string, at: GraphNode): Centred {
    const parts = inputs.map((part) => this.#centre(part, channel, at));
    const join = (values: readonly GraphValue[]): GraphValue =>
      this.#rewriter.emitOne('concat', values, { axis: channel }, outputs[0]?.hint ?? 'concat', at);
    return {
      mean: join(parts.map(({ mean }) => mean)),
      centred: join(parts.map(({ centred }) => centred)),
      variance: join(parts.map(({ variance }) => variance)),
    };
  }
}
