import type { Graph, GraphNode, GraphParam, GraphValue } from '../ir/graph.ts';
import { UniqueNames } from '../ir/unique-names.ts';
import type { Weights } from '../ir/weights.ts';
import { concreteType } from '../interpret/interpret-graph.ts';
import { elementCount, type ConcreteType, type NdArray } from '../ops/nd-array.ts';
import { ops } from '../ops/registry.ts';
import { scaleAlongAxis } from './scale-along-axis.ts';

/** A graph for inference with the weights it was made for. */
export interface Frozen {
  readonly graph: Graph;
  readonly weights: Weights;
}

/**
 * Results that repeat their inputs' data are left to the target above this many elements, so that a file does not grow
 * by what one op can make when the graph runs.
 */
const MOST_REPEATED = 4096;

/**
 * Computes, in float64 and once, everything that depends on parameters alone; each result that the rest of the graph
 * reads becomes a parameter of its own, `path/folded`. What is algebra on parameters in the graph, such as a folded
 * batch norm, turns into plain weights here. The graph's parameters are then exactly the weights returned.
 *
 * @param weights the values of all parameters of the graph
 */
export function freeze(graph: Graph, weights: Weights): Frozen {
  const fixed = fixedNodes(graph);
  const { kept, results, computed } = divide(graph, fixed);
  const params: GraphParam[] = [];
  const values = new Map<string, Float32Array>();
  for (const param of graph.params) {
    if (!kept.reads.has(param.value.id)) continue;
    params.push(param);
    values.set(param.path, weightsOf(param, weights));
  }
  const names = new UniqueNames();
  for (const { path } of graph.params) names.take(path);
  for (const { node, value, array } of compute(graph, computed, results, weights)) {
    const path = names.take(`${node.path}/${value.hint}/folded`);
    params.push({
      path,
      role: 'weight',
      value,
      init: { name: 'derived', args: {} },
      fan: undefined,
      span: node.span,
    });
    values.set(path, new Float32Array(array.data));
  }
  const present = (value: GraphValue | undefined): GraphValue | undefined =>
    value !== undefined && (kept.reads.has(value.id) || kept.makes.has(value.id)) ? value : undefined;
  return {
    graph: {
      ...graph,
      params,
      nodes: graph.nodes.filter((node) => kept.nodes.has(node)),
      blocks: graph.blocks.map((block) => ({ ...block, values: block.values.map(present) })),
    },
    weights: values,
  };
}

/** The nodes whose results are known as soon as the weights are. */
function fixedNodes(graph: Graph): ReadonlySet<GraphNode> {
  const sizes = new Map(graph.params.map(({ value }) => [value.id, staticElements(value) ?? 0]));
  const fixed = new Set<GraphNode>();
  for (const node of graph.nodes) {
    const read = node.inputs.map(({ id }) => sizes.get(id)).filter((size) => size !== undefined);
    if (read.length !== node.inputs.length) continue;
    const made = node.outputs.map(staticElements).filter((size) => size !== undefined);
    if (made.length !== node.outputs.length) continue;
    const limit = read.reduce((sum, size) => sum + size, MOST_REPEATED);
    if (made.reduce((sum, size) => sum + size, 0) > limit) continue;
    fixed.add(node);
    node.outputs.forEach(({ id }, i) => sizes.set(id, made[i] ?? 0));
  }
  return fixed;
}

interface Division {
  /** What stays in the graph, and which values it reads and makes. */
  readonly kept: {
    readonly nodes: ReadonlySet<GraphNode>;
    readonly reads: ReadonlySet<number>;
    readonly makes: ReadonlySet<number>;
  };
  /** The nodes to compute now, and those of their results that what stays reads. */
  readonly computed: ReadonlySet<GraphNode>;
  readonly results: ReadonlySet<number>;
}

/**
 * Numbers, and renamings of what is stored, stay: the first are nothing to compute, the second nothing to store anew.
 */
function divide(graph: Graph, fixed: ReadonlySet<GraphNode>): Division {
  const reads = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value.id));
  const nodes = new Set<GraphNode>();
  const makes = new Set(graph.inputs.map(({ value }) => value.id));
  const computed = new Set<GraphNode>();
  const results = new Set<number>();
  const operands = new Set<number>();
  for (const node of graph.nodes.toReversed()) {
    const isRead = node.outputs.some(({ id }) => reads.has(id));
    const stays = !fixed.has(node) || (isRead && (node.op === 'constant' || node.op === 'rename'));
    if (stays) {
      nodes.add(node);
      for (const { id } of node.outputs) makes.add(id);
      for (const { id } of node.inputs) reads.add(id);
    } else {
      for (const { id } of node.outputs) if (reads.has(id)) results.add(id);
    }
    if (fixed.has(node) && ((isRead && !stays) || node.outputs.some(({ id }) => operands.has(id)))) {
      computed.add(node);
      for (const { id } of node.inputs) operands.add(id);
    }
  }
  return { kept: { nodes, reads, makes }, computed, results };
}

/** Runs the nodes and hands over each result as soon as it is there. */
function* compute(
  graph: Graph,
  nodes: ReadonlySet<GraphNode>,
  results: ReadonlySet<number>,
  weights: Weights,
): Generator<{ readonly node: GraphNode; readonly value: GraphValue; readonly array: NdArray }> {
  const readers = new Map<number, number>();
  for (const { inputs } of nodes) for (const { id } of inputs) readers.set(id, (readers.get(id) ?? 0) + 1);
  const params = new Map(graph.params.map((param) => [param.value.id, param]));
  const arrays = new Map<number, NdArray>();
  const arrayOf = ({ id }: GraphValue): NdArray => {
    const known = arrays.get(id);
    if (known !== undefined) return known;
    const param = params.get(id);
    if (param === undefined) throw new Error(`%${id} is read before it is made`);
    const type = concreteType(param.value.type, new Map());
    const array = { type, data: new Float64Array(weightsOf(param, weights)) };
    arrays.set(id, array);
    return array;
  };
  for (const node of graph.nodes) {
    if (!nodes.has(node)) continue;
    const types = node.outputs.map(({ type }) => concreteType(type, new Map()));
    const made = evaluateNode(node, node.inputs.map(arrayOf), types);
    for (const { id } of node.inputs) {
      const left = (readers.get(id) ?? 0) - 1;
      readers.set(id, left);
      if (left === 0) arrays.delete(id);
    }
    for (const [i, value] of node.outputs.entries()) {
      const array = made[i];
      if (array === undefined) throw new Error(`${node.path}: ${node.op} did not give its output ${i}`);
      if (readers.has(value.id)) arrays.set(value.id, array);
      if (results.has(value.id)) yield { node, value, array };
    }
  }
}

function evaluateNode(
  node: GraphNode,
  inputs: readonly NdArray[],
  types: readonly ConcreteType[],
): readonly NdArray[] {
  const [type] = types;
  const scaled = node.op === 'mul' && type !== undefined ? scaleAlongAxis(inputs, type) : undefined;
  return scaled === undefined ? (ops.get(node.op)?.evaluate(inputs, node.attributes, types) ?? []) : [scaled];
}

function weightsOf({ path, value }: GraphParam, weights: Weights): Float32Array {
  const data = weights.get(path);
  if (data === undefined) throw new Error(`weights of ${path} are missing`);
  const count = elementCount(concreteType(value.type, new Map()));
  if (data.length !== count) throw new Error(`${path} has ${data.length} weights, but needs ${count}`);
  return data;
}

/** The number of elements, unless it depends on a dynamic size. */
function staticElements({ type }: GraphValue): number | undefined {
  let count = 1;
  for (const { size } of type.axes) {
    if (size.value === undefined) return undefined;
    count *= size.value;
  }
  return count;
}
