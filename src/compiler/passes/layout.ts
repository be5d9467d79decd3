import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { PhysicalGraph, PhysicalNode } from '../ir/physical.ts';
import { axisNames, hasAxis, inOrder, type TensorType } from '../ir/tensor-type.ts';
import { chooseAxisOrder, expandOrder, type OpUse, type SortAxes } from '../lower/axis-order.ts';
import type { AxisOrder, Dialect, OpLayout } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { Span } from '../source/span.ts';

/**
 * Gives every tensor an order of its axes in memory. All tensors follow one order of the program; what an op's layout
 * or a declared input or output wants otherwise is bridged by a transpose, made once for all that read it. Parameters
 * are stored as their first reader needs them; where they are `given` when the graph runs, as they were declared.
 */
export function layout(
  graph: Graph,
  dialect: Dialect,
  { parameters = 'stored' }: { readonly parameters?: 'stored' | 'given' } = {},
): PhysicalGraph {
  const declared = [...graph.inputs, ...graph.outputs].map(({ value }) => value.type);
  const sorted = chooseAxisOrder(usesOf(graph), dialect, declared);
  const placement = new Placement(graph);
  for (const { value } of graph.inputs) placement.define(value, axisNames(value.type));
  if (parameters === 'given') {
    for (const { value } of graph.params) placement.define(value, axisNames(value.type));
  }
  for (const node of graph.nodes) {
    const demands = demandsOf(node, dialect, sorted);
    const orders = inputOrders(node, demands, sorted);
    const inputs = node.inputs.map((value, i) => placement.read(value, orders[i], node));
    const read = inputs.map(({ type }) => type);
    const results = outputOrders(node, demands, sorted, read);
    const outputs = node.outputs.map((value, i) => placement.define(value, results[i] ?? []));
    placement.nodes.push({ ...node, kind: 'op', inputs, outputs });
  }
  const atEnd = { path: '', span: graph.nodes.at(-1)?.span ?? Span.startOf('') };
  const outputs = graph.outputs.map((output) => ({
    ...output,
    value: placement.read(output.value, axisNames(output.value.type), { ...atEnd, path: output.name }),
  }));
  const params = new Map(
    graph.params.map((param) => [param.path, { param, value: placement.stored(param.value) }]),
  );
  const updates = graph.updates.map(({ path, value }) => {
    const param = params.get(path);
    if (param === undefined) throw new Error(`${path}: an update of an unknown parameter`);
    return { path, value: placement.read(value, axisNames(param.value.type), { ...atEnd, path }) };
  });
  return {
    name: graph.name,
    dialect,
    axisOrder: sorted(allNames(graph)),
    dynamic: graph.dynamic,
    inputs: graph.inputs,
    params: [...params.values()],
    nodes: placement.nodes,
    outputs,
    updates,
    blocks: graph.blocks.map((block) => ({
      ...block,
      values: block.values.map((value) => value && placement.current(value)),
    })),
  };
}

/** What a node's op demands; undefined where it works on tensors that all follow the order of the program. */
export function demandsOf(node: GraphNode, dialect: Dialect, sorted: SortAxes): OpLayout | undefined {
  const op = ops.get(node.op);
  if (op === undefined) throw new Error(`${node.path}: there is no op ${node.op}`);
  return op.layout?.(typesOf(node.inputs), node.attributes, typesOf(node.outputs), dialect, sorted);
}

/** The orders in which a node reads its inputs; `undefined` where it takes any. */
export function inputOrders(
  node: GraphNode,
  demands: OpLayout | undefined,
  sorted: SortAxes,
): readonly AxisOrder[] {
  return node.inputs.map(({ type }, i) => {
    if (demands === undefined) return sorted(axisNames(type));
    const order = demands.inputs[i];
    return order && expandOrder(order, type, sorted);
  });
}

/** The orders in which a node writes its outputs, given those in which it reads. */
export function outputOrders(
  node: GraphNode,
  demands: OpLayout | undefined,
  sorted: SortAxes,
  read: readonly TensorType[],
): readonly (readonly string[])[] {
  return node.outputs.map(({ type }, i) => {
    if (demands === undefined) return sorted(axisNames(type));
    const order = demands.outputs[i];
    if (order !== undefined) return expandOrder(order, type, sorted);
    // An op that takes any order hands on the one that it was given.
    const model = read.find((input) => sameAxes(input, type));
    return model === undefined ? sorted(axisNames(type)) : axisNames(model);
  });
}

function sameAxes(a: TensorType, b: TensorType): boolean {
  return a.axes.length === b.axes.length && a.axes.every(({ name }) => hasAxis(b, name));
}

function typesOf(values: readonly GraphValue[]): readonly TensorType[] {
  return values.map(({ type }) => type);
}

function usesOf(graph: Graph): readonly OpUse[] {
  const params = new Set(graph.params.map(({ value }) => value.id));
  return graph.nodes.map(({ op, attributes, inputs, outputs }) => ({
    op,
    attributes,
    inputs: typesOf(inputs),
    outputs: typesOf(outputs),
    stored: new Set(inputs.flatMap(({ id }, i) => (params.has(id) ? [i] : []))),
  }));
}

function allNames(graph: Graph): readonly string[] {
  const names = new Set<string>();
  const add = ({ type }: GraphValue): void => type.axes.forEach(({ name }) => names.add(name));
  for (const { value } of [...graph.inputs, ...graph.params]) add(value);
  for (const { outputs } of graph.nodes) outputs.forEach(add);
  return [...names];
}

/** Where each logical value is in memory: in the order in which it was made, and in others to which it was moved. */
class Placement {
  readonly nodes: PhysicalNode[] = [];
  readonly #params: ReadonlySet<number>;
  /** By the id of the logical value; the first is where it was made. */
  readonly #copies = new Map<number, GraphValue[]>();
  #nextId: number;

  constructor(graph: Graph) {
    this.#params = new Set(graph.params.map(({ value }) => value.id));
    this.#nextId = firstFreeId(graph);
  }

  /** The value made in this order. */
  define(value: GraphValue, order: readonly string[]): GraphValue {
    const placed = { ...value, type: inOrder(value.type, order) };
    this.#copies.set(value.id, [placed]);
    return placed;
  }

  /** The value in this order, moved there if need be; in the order that it has, if none is asked for. */
  read(value: GraphValue, order: AxisOrder, at: Pick<GraphNode, 'path' | 'span'>): GraphValue {
    const copies = this.#copies.get(value.id);
    const first = copies?.[0];
    if (copies === undefined || first === undefined) {
      if (!this.#params.has(value.id)) throw new Error(`${at.path}: %${value.id} is read before it is made`);
      return this.define(value, order ?? axisNames(value.type));
    }
    if (order === undefined) return first;
    const known = copies.find(({ type }) => axisNames(type).every((name, i) => name === order[i]));
    if (known !== undefined) return known;
    const output = { id: this.#nextId++, hint: value.hint, type: inOrder(value.type, order) };
    this.nodes.push({ kind: 'transpose', input: first, output, path: at.path, span: at.span });
    copies.push(output);
    return output;
  }

  /** A parameter as it is stored; one that nothing reads keeps the order of its declaration. */
  stored(param: GraphValue): GraphValue {
    return this.#copies.get(param.id)?.[0] ?? param;
  }

  /** Where a value was made; undefined if it has not been. */
  current(value: GraphValue): GraphValue | undefined {
    return this.#copies.get(value.id)?.[0];
  }
}
