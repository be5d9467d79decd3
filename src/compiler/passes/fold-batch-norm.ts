import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { makersOf } from '../ir/makers-of.ts';
import { axisNames, hasAxis } from '../ir/tensor-type.ts';
import type { BatchNormAttributes } from '../ops/batch-norm.ts';
import type { ContractAttributes } from '../ops/contract.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import { countReaders } from './count-readers.ts';
import { GraphRewriter, type Place } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * With its statistics given, batch norm is x * scale + shift per channel, where scale = weight / sqrt(variance + eps) and
 * shift = -mean * scale + bias. Behind a convolution or a linear map this becomes other weights of that map; elsewhere it
 * stays a product and a sum. The new weights are algebra on parameters in the graph, which `freeze` computes for
 * whichever weights it is given. The maps that were folded into are left behind as dead code.
 */
export const foldBatchNorm: Pass = {
  name: 'fold-batch-norm',
  description:
    'makes batch norms part of the convolutions and linear maps before them, or a scale and a shift',
  run: (graph) => new BatchNormFolder(graph).run(),
};

/** (x - mean) * scale + bias along one axis; the three values have that axis alone. */
interface Norm {
  readonly axis: string;
  readonly mean: GraphValue;
  readonly scale: GraphValue;
  readonly bias: GraphValue;
}

class BatchNormFolder {
  readonly #graph: Graph;
  readonly #rewriter: GraphRewriter;
  /** Of the old graph. */
  readonly #makers: ReadonlyMap<number, GraphNode>;
  readonly #readers: ReadonlyMap<number, number>;
  /** Ids of the values that depend on parameters alone. */
  readonly #parametric: ReadonlySet<number>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#rewriter = new GraphRewriter(graph);
    this.#makers = makersOf(graph.nodes);
    this.#readers = countReaders(graph);
    this.#parametric = parametricValues(graph);
  }

  run(): Graph {
    for (const node of this.#graph.nodes) {
      if (node.op === 'batch_norm') this.#fold(node);
      else this.#rewriter.keep(node);
    }
    return this.#rewriter.finish();
  }

  #fold(node: GraphNode): void {
    const [x, weight, bias, mean, variance] = node.inputs.map((value) => this.#rewriter.read(value));
    const [normalised] = node.inputs;
    const [result] = node.outputs;
    const { channel: axis, eps } = node.attributes as BatchNormAttributes;
    if (!x || !weight || !bias || !mean || !variance || !normalised || !result)
      throw new Error(`${node.path}: not a batch norm`);
    if (typeof axis !== 'string' || typeof eps !== 'number')
      throw new Error(`${node.path}: not a batch norm`);
    const emit = this.#emitterAt(node);
    const epsilon = this.#rewriter.emitOne('constant', [], { value: eps }, 'eps', node);
    const deviation = emit('deviation', 'sqrt', emit('variance', 'add', variance, epsilon));
    const norm = { axis, mean, bias, scale: emit('scale', 'div', weight, deviation) };
    this.#rewriter.replace(result, this.#absorb(normalised, norm) ?? this.#scaleAndShift(x, norm, node));
  }

  #scaleAndShift(x: GraphValue, norm: Norm, at: Place): GraphValue {
    const emit = this.#emitterAt(at);
    return emit(
      'normalised',
      'add',
      emit('scaled', 'mul', x, norm.scale),
      this.#biasOf('shift', undefined, norm, at),
    );
  }

  /** What is added once the weights are scaled: (old - mean) * scale + bias. */
  #biasOf(hint: string, old: GraphValue | undefined, { mean, scale, bias }: Norm, at: Place): GraphValue {
    const emit = this.#emitterAt(at);
    const centred = old === undefined ? emit(hint, 'neg', mean) : emit(hint, 'sub', old, mean);
    return emit(hint, 'add', emit(hint, 'mul', centred, scale), bias);
  }

  /** The norm of a value as one with the node that makes the value, if that is linear and nothing else reads it. */
  #absorb(value: GraphValue, norm: Norm): GraphValue | undefined {
    const node = this.#makerReadOnce(value);
    if (node === undefined) return undefined;
    switch (node.op) {
      case 'conv':
        return this.#absorbIntoConv(node, norm);
      case 'contract':
        return this.#absorbIntoContract(node, norm);
      case 'add':
        return this.#absorbIntoBias(node, norm);
      default:
        return undefined;
    }
  }

  #absorbIntoConv(node: GraphNode, norm: Norm): GraphValue | undefined {
    const { to } = node.attributes as ConvAttributes;
    if (to !== norm.axis || !node.inputs.slice(1).every(({ id }) => this.#parametric.has(id)))
      return undefined;
    const [x, weight, bias] = node.inputs.map((value) => this.#rewriter.read(value));
    if (!x || !weight) throw new Error(`${node.path}: not a convolution`);
    const alongOut = (value: GraphValue): GraphValue =>
      this.#rewriter.emitOne('rename', [value], { from: [norm.axis], to: ['.out'] }, value.hint, node);
    const { mean, scale, bias: shift } = norm;
    const kernelNorm = { axis: '.out', mean: alongOut(mean), scale: alongOut(scale), bias: alongOut(shift) };
    const newWeight = this.#emitterAt(node)('weight', 'mul', weight, kernelNorm.scale);
    const newBias = this.#biasOf('bias', bias, kernelNorm, node);
    return this.#rewriter.emitOne('conv', [x, newWeight, newBias], node.attributes, 'conv', node);
  }

  #absorbIntoContract(node: GraphNode, norm: Norm): GraphValue | undefined {
    const product = this.#scaledProduct(node, norm);
    return (
      product && this.#emitterAt(node)('sum', 'add', product, this.#biasOf('bias', undefined, norm, node))
    );
  }

  /** A linear map with a bias: a product, and a sum with a parameter along the axis. */
  #absorbIntoBias(node: GraphNode, norm: Norm): GraphValue | undefined {
    const [left, right] = node.inputs;
    if (!left || !right) return undefined;
    const [x, bias] = this.#parametric.has(right.id) ? [left, right] : [right, left];
    const maker = this.#makerReadOnce(x);
    if (maker?.op !== 'contract' || !this.#parametric.has(bias.id)) return undefined;
    if (axisNames(bias.type).some((name) => name !== norm.axis)) return undefined;
    const product = this.#scaledProduct(maker, norm);
    if (product === undefined) return undefined;
    return this.#emitterAt(node)(
      'sum',
      'add',
      product,
      this.#biasOf('bias', this.#rewriter.read(bias), norm, node),
    );
  }

  /** The contraction with that operand scaled which is made of parameters and has the axis to itself. */
  #scaledProduct(node: GraphNode, { axis, scale }: Norm): GraphValue | undefined {
    const position = node.inputs.findIndex(({ id, type }) => this.#parametric.has(id) && hasAxis(type, axis));
    const weight = node.inputs[position];
    const other = node.inputs[1 - position];
    if (!weight || !other) return undefined;
    // Names do not tell: in a map of C to C the weight has the C that is made, the other operand the C that is summed.
    const { over } = node.attributes as ContractAttributes;
    if (over.some(({ left, right }) => (position === 0 ? left : right) === axis)) return undefined;
    const scaled = this.#emitterAt(node)('weight', 'mul', this.#rewriter.read(weight), scale);
    const inputs =
      position === 0 ? [scaled, this.#rewriter.read(other)] : [this.#rewriter.read(other), scaled];
    return this.#rewriter.emitOne('contract', inputs, node.attributes, 'product', node);
  }

  #makerReadOnce({ id }: GraphValue): GraphNode | undefined {
    return this.#readers.get(id) === 1 ? this.#makers.get(id) : undefined;
  }

  /** Adds elementwise nodes at a place of the source. */
  #emitterAt(at: Place): (hint: string, op: string, ...inputs: readonly GraphValue[]) => GraphValue {
    return (hint, op, ...inputs) => this.#rewriter.emitOne(op, inputs, {}, hint, at);
  }
}

function parametricValues(graph: Graph): ReadonlySet<number> {
  const parametric = new Set(graph.params.map(({ value }) => value.id));
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.every(({ id }) => parametric.has(id))) for (const { id } of outputs) parametric.add(id);
  }
  return parametric;
}
