import { product } from '../../ops/sizes-of.ts';
import { freshVar, variable, type Size } from '../../shapes/size.ts';
import type { OnnxTensor } from './emitter.ts';
import { executionOrder } from './file-order.ts';
import { namesRead } from './names-read.ts';
import type { OnnxGraph, OnnxNode } from './onnx-model.ts';

/** Elements from which on it matters whether an operation writes into memory that it has just read. */
const LARGE = 2 ** 14;

/**
 * Types that say of the result of an operation that it is as large as an input which nobody reads later, though not how large: so
 * ONNX Runtime writes the one over the other, and has to find no memory for it.
 *
 * A size that many tensors had in common would be understood as leave to hand memory on between any of them; so each such chain
 * of operations has one of its own.
 */
export function typesInPlace({ nodes, values }: OnnxGraph): readonly OnnxTensor[] {
  const types = new Map(values.map((value) => [value.name, value]));
  const chains = new Map<string, OnnxTensor[]>();
  const running = executionOrder(nodes);
  const last = lastReaders(running);
  for (const node of running) {
    const result = types.get(node.outputs[0] ?? '');
    if (result === undefined || elements(result) < LARGE) continue;
    const given = overwritable(node).find((name) => {
      const type = types.get(name);
      return type !== undefined && last.get(name) === node && isAsLarge(type, result);
    });
    const source = types.get(given ?? '');
    if (source === undefined) continue;
    const chain = chains.get(source.name) ?? [source];
    chain.push(result);
    for (const { name } of [source, result]) chains.set(name, chain);
  }
  return [...new Set(chains.values())].flatMap(withOneSize);
}

/** The node that reads each tensor last, of those in the order in which they run. */
export function lastReaders(running: readonly OnnxNode[]): ReadonlyMap<string, OnnxNode> {
  return new Map(running.flatMap((node) => namesRead(node).map((name) => [name, node] as const)));
}

/** Operators whose result may take the place of an input, of the first that has its size. */
const replacing: ReadonlySet<string> = new Set(
  'Abs Add Div Exp HardSigmoid LeakyRelu Log Mul Neg Reciprocal Relu ScatterElements Sigmoid Softplus Sqrt Sub Tanh'.split(
    ' ',
  ),
);

/** Convolutions whose fourth input, if there is one, is added. */
const adding: ReadonlySet<string> = new Set(['Conv', 'FusedConv']);

/** What a convolution adds to, if it does. */
export function overwrittenAddend({ opType, inputs }: OnnxNode): string | undefined {
  return adding.has(opType) ? inputs[3] : undefined;
}

/** The inputs of a node in whose place its result may be, as far as the operator is concerned. */
function overwritable(node: OnnxNode): readonly string[] {
  if (replacing.has(node.opType)) return node.inputs;
  return [overwrittenAddend(node)].filter((name) => name !== undefined);
}

function isAsLarge({ dtype, dims }: OnnxTensor, other: OnnxTensor): boolean {
  return (
    dtype === other.dtype &&
    dims.length === other.dims.length &&
    dims.every(({ value }, axis) => value !== undefined && value === other.dims[axis]?.value)
  );
}

/** 0 where the number is not known. */
export function elements({ dims }: OnnxTensor): number {
  return product(dims).value ?? 0;
}

function withOneSize(chain: readonly OnnxTensor[], at: number): readonly OnnxTensor[] {
  // No name that a source can give holds a dot.
  const size = variable(freshVar(`chain.${at}`));
  return chain.map((tensor) => ({ ...tensor, dims: withOpenAxis(tensor.dims, size) }));
}

function withOpenAxis(dims: readonly Size[], size: Size): readonly Size[] {
  const open = openAxis(dims.map(({ value }) => value ?? 0));
  return dims.map((length, axis) => (axis === open ? size : length));
}

/** The axis whose length is left open: the first that is longer than 1. */
export function openAxis(lengths: readonly number[]): number {
  return lengths.findIndex((length) => length > 1);
}
