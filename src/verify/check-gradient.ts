import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { uniforms } from '../compiler/random/generator.mjs';
import type { Tensors } from './tensors.ts';

/**
 * How far the two evaluations of the loss lie from the weights, relative to each weight's usual size. So small that
 * hardly a ReLU changes sides between them; float64 leaves seven digits of the difference.
 */
const step = 1e-8;
/** What the arithmetic of float32 does to a weight, sums of some hundred terms included. */
const rounding = 1e-6;

type Gradients = ReadonlyMap<string, ArrayLike<number>>;

export interface GradientComparison {
  /** By how much rounding alone moves the program's value, relative to the root of the sum of squares of what each parameter contributes to it. */
  readonly sensitivity: number;
  /** |program - interpreter| on the same scale. Slow: the interpreter runs twice. */
  readonly relative: () => number;
}

/**
 * Compares a program's gradient g with the interpreter's float64 loss L along one random direction d: g . d against
 * (L(w + h d) - L(w - h d)) / 2h. A direction that every weight takes part in sees a mistake in any of them. Each
 * weight moves in proportion to the usual size of its tensor's elements.
 *
 * A batch norm over a handful of values magnifies rounding without limit, so the program is asked a second time, on
 * weights that are changed by as much as rounding would.
 *
 * @param graph the loss, its first output
 * @param gradientsAt the program's gradient for given weights
 */
export async function checkGradient(
  graph: Graph,
  inputs: Tensors,
  weights: Weights,
  gradientsAt: (weights: Weights) => Promise<Gradients>,
): Promise<GradientComparison> {
  const direction = randomChanges(graph, weights, 'direction');
  const jitter = randomChanges(graph, weights, 'rounding');
  const program = along(direction, await gradientsAt(weights));
  const shaken = along(direction, await gradientsAt(rounded(moved(weights, jitter, rounding))));
  const scale = program.scale === 0 ? 1 : program.scale;
  const lossAt = (h: number): number => {
    const { outputs } = interpretGraph(graph, inputs, moved(weights, direction, h));
    return outputs.get(graph.outputs[0]?.name ?? '')?.data[0] ?? NaN;
  };
  return {
    sensitivity: Math.abs(program.derivative - shaken.derivative) / scale,
    relative: () => Math.abs(program.derivative - (lossAt(step) - lossAt(-step)) / (2 * step)) / scale,
  };
}

type Changes = ReadonlyMap<string, Float64Array>;

/** A random change of each weight, of the size that the elements of its tensor have. */
function randomChanges(graph: Graph, weights: Weights, name: string): Changes {
  const changes = new Map<string, Float64Array>();
  for (const { path, role } of graph.params) {
    const values = weights.get(path);
    if (role !== 'weight' || values === undefined) continue;
    let squares = 0;
    for (const value of values) squares += value * value;
    const usual = squares === 0 ? 0.1 : Math.sqrt(squares / values.length);
    const change = new Float64Array(uniforms(values.length, 1, `${name}/${path}`));
    // Uniform between limits of this size has the deviation `usual`.
    for (let i = 0; i < change.length; i++) change[i] = (2 * (change[i] ?? 0) - 1) * Math.sqrt(3) * usual;
    changes.set(path, change);
  }
  return changes;
}

function moved(weights: Weights, by: Changes, factor: number): ReadonlyMap<string, ArrayLike<number>> {
  const result = new Map<string, ArrayLike<number>>(weights);
  for (const [path, change] of by) {
    const values = new Float64Array(weights.get(path) ?? []);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? NaN) + factor * (change[i] ?? NaN);
    result.set(path, values);
  }
  return result;
}

function rounded(weights: ReadonlyMap<string, ArrayLike<number>>): Weights {
  return new Map([...weights].map(([path, values]) => [path, new Float32Array(values)]));
}

/** The derivative along a direction, and the size of what its parts are. */
function along(
  direction: Changes,
  gradients: Gradients,
): { readonly derivative: number; readonly scale: number } {
  const parts = [...direction].map(([path, change]) => dot(gradients.get(path) ?? [], change));
  return { derivative: parts.reduce((sum, part) => sum + part, 0), scale: Math.hypot(...parts) };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}
