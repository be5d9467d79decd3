import type { Graph, GraphNode, GraphParam, GraphValue } from '../ir/graph.ts';
import type { Weights } from '../ir/weights.ts';
import { concreteType } from '../interpret/interpret-graph.ts';
import { elementCount, type ConcreteType, type NdArray } from '../ops/nd-array.ts';
import { ops } from '../ops/registry.ts';
import { scaleAlongAxis } from './scale-along-axis.ts';

/** A result in the declared order of the value's axes, rounded to f32. */
export interface FixedResult {
  readonly node: GraphNode;
  readonly value: GraphValue;
  readonly data: Float32Array;
}

export interface FixedPart {
  /** What is computed: nodes that depend on parameters alone. */
  readonly nodes: ReadonlySet<GraphNode>;
  /** The ids of the values that are handed over. */
  readonly wanted: ReadonlySet<number>;
  /** The ids of the parameters whose weights may be overwritten once no node of these reads them any more. */
  readonly scratch: ReadonlySet<number>;
}

/**
 * Computes a part of a graph in float64. Hands over each of the wanted results as soon as it is there, and holds no
 * array longer than it is read.
 */
export function* evaluateFixed(
  graph: Graph,
  { nodes, wanted, scratch }: FixedPart,
  weights: Weights,
): Generator<FixedResult> {
  const arrays = new FixedArrays(graph, nodes, scratch, weights);
  for (const node of graph.nodes) {
    if (!nodes.has(node)) continue;
    const scaled = scaledWeights(node, arrays);
    const made = scaled === undefined ? arrays.evaluate(node) : [];
    for (const [i, value] of node.outputs.entries()) {
      const array = made[i];
      if (array !== undefined) arrays.define(value, array);
      if (!wanted.has(value.id)) continue;
      const data = scaled ?? (array && new Float32Array(array.data));
      if (data === undefined) throw new Error(`${node.path}: ${node.op} did not give its output ${i}`);
      yield { node, value, data };
    }
    arrays.release(node);
  }
}

/** The short way for a parameter times a vector along one of its axes, if nothing is computed from it. */
function scaledWeights(node: GraphNode, arrays: FixedArrays): Float32Array | undefined {
  const [left, right] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'mul' || !left || !right || !output || arrays.isOperand(output)) return undefined;
  const param = arrays.parameter(left);
  if (param === undefined) return undefined;
  const into = arrays.isScratch(left) ? param.data : undefined;
  return scaleAlongAxis(param.data, param.type, arrays.read(right), staticType(output), into);
}

/** The arrays of an evaluation, each until its last reader has been evaluated. */
class FixedArrays {
  readonly #params: ReadonlyMap<number, GraphParam>;
  readonly #weights: Weights;
  readonly #scratch: ReadonlySet<number>;
  readonly #arrays = new Map<number, NdArray>();
  /** How many of the nodes still read a value. */
  readonly #readers = new Map<number, number>();

  constructor(graph: Graph, nodes: ReadonlySet<GraphNode>, scratch: ReadonlySet<number>, weights: Weights) {
    this.#scratch = scratch;
    this.#params = new Map(graph.params.map((param) => [param.value.id, param]));
    this.#weights = weights;
    for (const { inputs } of nodes) {
      for (const { id } of inputs) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    }
  }

  isOperand({ id }: GraphValue): boolean {
    return this.#readers.has(id);
  }

  /** Whether the node that is being computed is the last reader of a parameter that may be overwritten. */
  isScratch({ id }: GraphValue): boolean {
    return this.#scratch.has(id) && this.#readers.get(id) === 1;
  }

  parameter({ id }: GraphValue): { readonly type: ConcreteType; readonly data: Float32Array } | undefined {
    const param = this.#params.get(id);
    return param && { type: staticType(param.value), data: weightsOf(param, this.#weights) };
  }

  read(value: GraphValue): NdArray {
    const known = this.#arrays.get(value.id);
    if (known !== undefined) return known;
    const param = this.parameter(value);
    if (param === undefined) throw new Error(`%${value.id} (${value.hint}) is read before it is made`);
    const array = { type: param.type, data: new Float64Array(param.data) };
    this.#arrays.set(value.id, array);
    return array;
  }

  define({ id }: GraphValue, array: NdArray): void {
    if (this.#readers.has(id)) this.#arrays.set(id, array);
  }

  evaluate({ op, path, inputs, outputs, attributes }: GraphNode): readonly NdArray[] {
    const definition = ops.get(op);
    if (definition === undefined) throw new Error(`${path}: there is no op ${op}`);
    return definition.evaluate(inputs.map((value) => this.read(value)), attributes, outputs.map(staticType)); // prettier-ignore
  }

  /** Forgets what the node was the last to read. */
  release({ inputs }: GraphNode): void {
    for (const { id } of inputs) {
      const left = (this.#readers.get(id) ?? 0) - 1;
      this.#readers.set(id, left);
      if (left === 0) this.#arrays.delete(id);
    }
  }
}

/** The weights of a parameter; throws where they are missing or too many or too few. */
export function weightsOf({ path, value }: GraphParam, weights: Weights): Float32Array {
  const data = weights.get(path);
  if (data === undefined) throw new Error(`weights of ${path} are missing`);
  const count = elementCount(staticType(value));
  if (data.length !== count) throw new Error(`${path} has ${data.length} weights, but needs ${count}`);
  return data;
}

function staticType({ type }: GraphValue): ConcreteType {
  return concreteType(type, new Map());
}
