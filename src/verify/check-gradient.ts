import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { fillInitial } from '../compiler/random/generator.mjs';
import type { Tensors } from './tensors.ts';

/** How far the two evaluations of the loss lie from the weights, relative to each weight's usual size. */
const step = 1e-6;

export interface GradientComparison {
  /** The derivative of the loss along one direction: by the program's gradient, and by the interpreter. */
  readonly program: number;
  readonly interpreter: number;
  /** The difference, relative to the root of the sum of squares of what each parameter contributes. */
  readonly relative: number;
}

/**
 * Compares a gradient with the interpreter's float64 loss along one random direction d: g . d against
 * (L(w + h d) - L(w - h d)) / 2h. A direction that every weight takes part in sees a mistake in any of them. Each
 * weight moves in proportion to the usual size of its tensor's elements.
 *
 * @param graph the loss in training mode, its first output
 */
export function checkGradient(
  graph: Graph,
  inputs: Tensors,
  weights: Weights,
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): GradientComparison {
  const direction = directionFor(graph, weights);
  const lossAt = (h: number): number => {
    const moved = new Map<string, ArrayLike<number>>(weights);
    for (const [path, d] of direction) {
      const start = weights.get(path) ?? [];
      moved.set(
        path,
        Float64Array.from(d, (value, i) => (start[i] ?? NaN) + h * value),
      );
    }
    const { outputs } = interpretGraph(graph, inputs, moved);
    return outputs.get(graph.outputs[0]?.name ?? '')?.data[0] ?? NaN;
  };
  const interpreter = (lossAt(step) - lossAt(-step)) / (2 * step);
  const parts = [...direction].map(([path, d]) => dot(gradients.get(path) ?? [], d));
  const program = parts.reduce((sum, part) => sum + part, 0);
  const scale = Math.hypot(...parts);
  return { program, interpreter, relative: Math.abs(program - interpreter) / (scale === 0 ? 1 : scale) };
}

function directionFor(graph: Graph, weights: Weights): ReadonlyMap<string, Float64Array> {
  const direction = new Map<string, Float64Array>();
  for (const { path, role } of graph.params) {
    const values = weights.get(path);
    if (role !== 'weight' || values === undefined) continue;
    const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const size = meanSquare === 0 ? 0.1 : Math.sqrt(meanSquare);
    const normal = fillInitial(
      { kind: 'normal', mean: 0, std: size },
      [values.length],
      1,
      1,
      1,
      `direction/${path}`,
    );
    direction.set(path, Float64Array.from(normal));
  }
  return direction;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}
