import type { Graph, GraphNode, GraphParam, GraphValue } from '../ir/graph.ts';
import { UniqueNames } from '../ir/unique-names.ts';
import type { Weights } from '../ir/weights.ts';
import { evaluateFixed, weightsOf } from './evaluate-fixed.ts';

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
 * @param ownership whether `weights` are given away: then results may take the place of those that are not read again
 */
export function freeze(graph: Graph, weights: Weights, ownership: 'lent' | 'given' = 'lent'): Frozen {
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
  const scratch = new Set<number>();
  if (ownership === 'given') {
    for (const { value } of graph.params) if (!kept.reads.has(value.id)) scratch.add(value.id);
  }
  const part = { nodes: computed, wanted: results, scratch };
  for (const { node, value, data } of evaluateFixed(graph, part, weights)) {
    const path = names.take(`${node.path}/${value.hint}/folded`);
    params.push({
      path,
      role: 'weight',
      value,
      init: { name: 'derived', args: {} },
      fan: undefined,
      span: node.span,
    });
    values.set(path, data);
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
 * Numbers, and renamings of what is stored, stay: the first are nothing to compute, the second nothing to store anew. So
 * does what makes int32 or bool, because weights are f32.
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
    const isFloat = node.outputs.every(({ type }) => type.dtype === 'f32');
    const isCheap = node.op === 'constant' || node.op === 'rename';
    const stays = !fixed.has(node) || (isRead && (isCheap || !isFloat));
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

/** The number of elements, unless it depends on a dynamic size. */
function staticElements({ type }: GraphValue): number | undefined {
  let count = 1;
  for (const { size } of type.axes) {
    if (size.value === undefined) return undefined;
    count *= size.value;
  }
  return count;
}
