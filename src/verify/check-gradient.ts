import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { fillInitial } from '../compiler/random/generator.mjs';
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
  /** |program - interpreter|, relative to the root of the sum of squares of what each parameter contributes. */
  readonly relative: number;
  /** By how much rounding alone moves the program's value, on the same scale. */
  readonly sensitivity: number;
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
  const lossAt = (h: number): number => {
    const { outputs } = interpretGraph(graph, inputs, moved(weights, direction, h));
    return outputs.get(graph.outputs[0]?.name ?? '')?.data[0] ?? NaN;
  };
  const interpreter = (lossAt(step) - lossAt(-step)) / (2 * step);
  const scale = program.scale === 0 ? 1 : program.scale;
  return {
    relative: Math.abs(program.derivative - interpreter) / scale,
    sensitivity: Math.abs(program.derivative - shaken.derivative) / scale,
  };
}

type Changes = ReadonlyMap<string, Float64Array>;

/** A random change of each weight, of the size that the elements of its tensor have. */
function randomChanges(graph: Graph, weights: Weights, name: string): Changes {
  const changes = new Map<string, Float64Array>();
  for (const { path, role } of graph.params) {
    const values = weights.get(path);
    if (role !== 'weight' || values === undefined) continue;
    const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const std = meanSquare === 0 ? 0.1 : Math.sqrt(meanSquare);
    const normal = fillInitial({ kind: 'normal', mean: 0, std }, [values.length], 1, 1, 1, `${name}/${path}`);
    changes.set(path, Float64Array.from(normal));
  }
  return changes;
}

function moved(weights: Weights, by: Changes, factor: number): ReadonlyMap<string, ArrayLike<number>> {
  const result = new Map<string, ArrayLike<number>>(weights);
  for (const [path, change] of by) {
    const start = weights.get(path) ?? [];
    result.set(
      path,
      Float64Array.from(change, (value, i) => (start[i] ?? NaN) + factor * value),
    );
  }
  return result;
}

function rounded(weights: ReadonlyMap<string, ArrayLike<number>>): Weights {
  return new Map([...weights].map(([path, values]) => [path, Float32Array.from(values)]));
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
