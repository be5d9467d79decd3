import { dynamicSources } from '../ir/dynamic-sizes.ts';
import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { printType, type TensorType } from '../ir/tensor-type.ts';
import { substituteAttributes } from '../ops/attributes.ts';
import { elementCount, forEachIndex, zeros, type ConcreteType, type NdArray } from '../ops/nd-array.ts';
import type { Draws } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { uniforms } from '../random/philox.ts';
import { constant, evaluate, type Size, type SizeVar } from '../shapes/size.ts';

export interface GraphResults {
  /** By the names of the graph's outputs, each in the declared order of its axes. */
  readonly outputs: ReadonlyMap<string, NdArray>;
  /** New values of the state by its path, in training mode. */
  readonly updates: ReadonlyMap<string, NdArray>;
}

export interface InterpretOptions {
  /** Called with every value that a node makes, before it may be freed. */
  readonly observe?: (value: GraphValue, array: NdArray) => void;
  /** Of a step of training; where it is left out nothing is random, as in inference. */
  readonly random?: { readonly seed: number; readonly step: number };
  /** What becomes of each float that an op makes, for whoever asks how far rounding carries; nothing if left out. */
  readonly round?: (value: number, op: string) => number;
}

/**
 * Runs a graph in float64: the definition of what every target must compute. Values are freed after their last use.
 *
 * Dynamic sizes are read off the inputs. Throws where inputs or weights are missing or do not have their declared
 * shapes.
 *
 * @param inputs by name, axes in any order
 * @param weights by path, row-major in the declared order
 */
export function interpretGraph(
  graph: Graph,
  inputs: ReadonlyMap<string, NdArray>,
  weights: ReadonlyMap<string, ArrayLike<number>>,
  { observe, random, round }: InterpretOptions = {},
): GraphResults {
  const sizes = bindSizes(graph, inputs);
  const concrete = (type: TensorType): ConcreteType => concreteType(type, sizes);
  const arrays = new Map<number, NdArray>();
  for (const { name, value } of graph.inputs) {
    arrays.set(value.id, checkedInput(name, inputs.get(name), concrete(value.type)));
  }
  for (const { path, value } of graph.params) {
    arrays.set(value.id, checkedWeights(path, weights.get(path), concrete(value.type)));
  }
  const lastReads = valuesReadLast(graph);
  const replacements = new Map([...sizes].map(([v, size]): [SizeVar, Size] => [v, constant(size)]));
  graph.nodes.forEach((node, i) => {
    const draws: Draws | undefined =
      random && ((count) => uniforms(count, random.seed, drawName(node.path), random.step));
    const types = node.outputs.map(({ type }) => concrete(type));
    const results = evaluateNode(node, arrays, replacements, types, draws);
    node.outputs.forEach((value, k) => {
      const result = results[k];
      if (result?.data.length !== elementCount(concrete(value.type))) {
        throw new Error(`${node.path}: ${node.op} does not give output ${k} as ${printType(value.type)}`);
      }
      const isRounded = round !== undefined && value.type.dtype === 'f32';
      const array = isRounded ? { ...result, data: result.data.map((x) => round(x, node.op)) } : result;
      arrays.set(value.id, array);
      observe?.(value, array);
    });
    for (const id of lastReads[i] ?? []) arrays.delete(id);
  });
  const final = (value: GraphValue): NdArray => reordered(arrayOf(arrays, value), concrete(value.type));
  return {
    outputs: new Map(graph.outputs.map(({ name, value }) => [name, final(value)])),
    updates: new Map(graph.updates.map(({ path, value }) => [path, final(value)])),
  };
}

export function concreteType(type: TensorType, sizes: ReadonlyMap<SizeVar, number>): ConcreteType {
  const valueOf = (v: SizeVar): number => {
    const value = sizes.get(v);
    if (value === undefined) throw new Error(`the size ${v.name} is not known`);
    return value;
  };
  return {
    dtype: type.dtype,
    axes: type.axes.map(({ name, size }) => ({ name, size: evaluate(size, valueOf) })),
  };
}

function evaluateNode(
  node: GraphNode,
  arrays: ReadonlyMap<number, NdArray>,
  sizes: ReadonlyMap<SizeVar, Size>,
  outputs: readonly ConcreteType[],
  draws: Draws | undefined,
): readonly NdArray[] {
  const op = ops.get(node.op);
  if (op === undefined) throw new Error(`${node.path}: there is no op ${node.op}`);
  const inputs = node.inputs.map((value) => arrayOf(arrays, value));
  return op.evaluate(inputs, substituteAttributes(node.attributes, sizes), outputs, draws);
}

/** The name under which an instance draws its random numbers: no parameter's path begins so. */
function drawName(path: string): string {
  return `/${path}`;
}

function arrayOf(arrays: ReadonlyMap<number, NdArray>, value: GraphValue): NdArray {
  const array = arrays.get(value.id);
  if (array === undefined) throw new Error(`%${value.id} (${value.hint}) is read before it is made`);
  return array;
}

function bindSizes(graph: Graph, inputs: ReadonlyMap<string, NdArray>): ReadonlyMap<SizeVar, number> {
  const sizes = new Map<SizeVar, number>();
  for (const [v, { input, axis, factor, offset }] of dynamicSources(graph)) {
    const { name, value } = graph.inputs[input] ?? {};
    const axisName = value?.type.axes[axis]?.name;
    const length = inputs.get(name ?? '')?.type.axes.find((a) => a.name === axisName)?.size;
    if (length === undefined) throw new Error(`input ${name} is missing or has no axis ${axisName}`);
    const size = (length - offset) / factor;
    if (!Number.isInteger(size) || size < 1)
      throw new Error(`input ${name} cannot have length ${length} on ${axisName}`);
    sizes.set(v, size);
  }
  return sizes;
}

function checkedInput(name: string, array: NdArray | undefined, expected: ConcreteType): NdArray {
  if (array === undefined) throw new Error(`input ${name} is missing`);
  const matches =
    array.type.axes.length === expected.axes.length &&
    expected.axes.every((axis) =>
      array.type.axes.some(({ name, size }) => name === axis.name && size === axis.size),
    );
  if (!matches)
    throw new Error(`input ${name} is ${showType(array.type)}, but must be ${showType(expected)}`);
  return array;
}

function checkedWeights(path: string, values: ArrayLike<number> | undefined, type: ConcreteType): NdArray {
  if (values === undefined) throw new Error(`weights of ${path} are missing`);
  if (values.length !== elementCount(type)) {
    throw new Error(
      `${path} has ${values.length} weights, but ${showType(type)} needs ${elementCount(type)}`,
    );
  }
  return { type, data: new Float64Array(values) };
}

function showType({ axes }: ConcreteType): string {
  return `[${axes.map(({ name, size }) => `${name}: ${size}`).join(', ')}]`;
}

/** For each node, the ids of the values that nothing reads after it. */
function valuesReadLast(graph: Graph): readonly (readonly number[])[] {
  const needed = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value.id));
  const freed: number[][] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    const last: number[] = [];
    for (const { id } of [...(node?.outputs ?? []), ...(node?.inputs ?? [])]) {
      if (needed.has(id)) continue;
      needed.add(id);
      last.push(id);
    }
    freed[i] = last;
  }
  return freed;
}

function reordered(array: NdArray, type: ConcreteType): NdArray {
  if (type.axes.every(({ name }, i) => array.type.axes[i]?.name === name)) return array;
  const result = zeros(type);
  let i = 0;
  forEachIndex(type.axes, [array.type], ([at = 0]) => {
    result.data[i++] = array.data[at] ?? NaN;
  });
  return result;
}
