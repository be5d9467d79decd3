import { blockTree } from '../ir/block-tree.ts';
import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import { ops } from '../ops/registry.ts';
import { evaluate, type SizeVar } from '../shapes/size.ts';

/** What one instance of a block costs, everything inside it included. The whole graph is the row with the path ''. */
export interface Cost {
  readonly path: string;
  /** The path relative to the block around it; for the whole graph ''. */
  readonly name: string;
  /** How many blocks it is in, itself included; for the whole graph 0. */
  readonly depth: number;
  /** The name of the block; for the whole graph that of the model. */
  readonly block: string;
  /** What its last call returns; for the whole graph the outputs. */
  readonly outputs: readonly TensorType[];
  /** Learned numbers; those that calls share count once. */
  readonly parameters: number;
  /** Numbers of the state, such as running statistics. */
  readonly state: number;
  /** Floating point operations of all calls; a multiply-add counts as two. */
  readonly flops: number;
  /** Bytes of all values that its ops make, as training keeps them. */
  readonly activationBytes: number;
}

const BYTES_PER_ELEMENT = 4;

/** Ops that name the same memory anew. */
export const VIEWS: ReadonlySet<string> = new Set(['rename', 'merge', 'factor']);

/**
 * The cost of each block instance, those inside of it after it, in the order of their first calls; the whole graph first.
 * Dynamic sizes count as `sizeOf` says, 1 unless told otherwise.
 */
export function cost(graph: Graph, sizeOf: (v: SizeVar) => number = () => 1): readonly Cost[] {
  const rows = new Map<string, { -readonly [K in keyof Cost]: Cost[K] }>();
  const empty = { parameters: 0, state: 0, flops: 0, activationBytes: 0 };
  const outputs = graph.outputs.map(({ value }) => value.type);
  rows.set('', { path: '', name: '', depth: 0, block: graph.name, outputs, ...empty });
  for (const { path, name, depth, block } of blockTree(graph).values()) {
    rows.set(path, { path, name, depth, block, outputs: [], ...empty });
  }
  for (const { path, values } of graph.blocks) {
    const row = rows.get(path);
    if (row !== undefined) row.outputs = values.flatMap((value) => (value === undefined ? [] : [value.type]));
  }
  const elements = (value: GraphValue): number => elementsOf(value, sizeOf);
  for (const { path, role, value } of graph.params) {
    for (const prefix of prefixes(path)) {
      const row = rows.get(prefix);
      if (row === undefined) continue;
      if (role === 'weight') row.parameters += elements(value);
      else row.state += elements(value);
    }
  }
  for (const node of graph.nodes) {
    const { op, path, outputs } = node;
    const flops = flopsOf(node, sizeOf);
    const made = VIEWS.has(op) ? 0 : outputs.reduce((sum, value) => sum + elements(value), 0);
    for (const prefix of prefixes(path)) {
      const row = rows.get(prefix);
      if (row === undefined) continue;
      row.flops += flops;
      row.activationBytes += made * BYTES_PER_ELEMENT;
    }
  }
  return [...rows.values()];
}

/** What the instances of one binding cost together: all that has its name or one below it. */
export function costOf(
  { params, nodes }: Graph,
  binding: string,
  sizeOf: (v: SizeVar) => number = () => 1,
): Pick<Cost, 'parameters' | 'flops'> {
  const isOfBinding = ({ path }: { readonly path: string }): boolean =>
    path === binding || path.startsWith(`${binding}/`);
  const weights = params.filter((param) => param.role === 'weight' && isOfBinding(param));
  return {
    parameters: weights.reduce((sum, { value }) => sum + elementsOf(value, sizeOf), 0),
    flops: nodes.filter(isOfBinding).reduce((sum, node) => sum + flopsOf(node, sizeOf), 0),
  };
}

function elementsOf({ type }: GraphValue, sizeOf: (v: SizeVar) => number): number {
  return type.axes.reduce((product, { size }) => product * evaluate(size, sizeOf), 1);
}

function flopsOf(
  { op, path, attributes, inputs, outputs }: GraphNode,
  sizeOf: (v: SizeVar) => number,
): number {
  const definition = ops.get(op);
  if (definition === undefined) throw new Error(`${path}: there is no op ${op}`);
  const types = (values: readonly GraphValue[]): readonly TensorType[] => values.map(({ type }) => type);
  return evaluate(definition.flops(types(inputs), attributes, types(outputs)), sizeOf);
}

/** `''`, `a`, `a/b` and `a/b/c` of `a/b/c`. */
function prefixes(path: string): readonly string[] {
  const found = [''];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at));
  if (path !== '') found.push(path);
  return found;
}
