import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { lossName } from '../compiler/ir/loss.ts';
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

export interface GradientQuestion {
  /** With its loss. */
  readonly graph: Graph;
  readonly inputs: Tensors;
  readonly weights: Weights;
  /** The most by which a parameter of small influence moves further than others; 1 for none. */
  readonly reach: number;
  /** The program's gradient for given weights. */
  readonly gradientsAt: (weights: Weights) => Promise<Gradients>;
}

export interface GradientComparison {
  /** |program - interpreter| / |program|. Slow: the interpreter runs twice. */
  readonly relative: () => number;
  /** By how much rounding alone moves the program's value, on the same scale. */
  readonly sensitivity: () => Promise<number>;
}

/**
 * Compares a program's gradient g with the interpreter's float64 loss L along one random direction d: g . d against
 * (L(w + h d) - L(w - h d)) / 2h. A direction that every weight takes part in sees a mistake in any of them. Each
 * weight moves in proportion to the usual size of its tensor's elements, and further where that has little influence on
 * the loss: a mistake in the gradient of a small gate is to weigh as much as one in a large convolution.
 *
 * A batch norm over a handful of values magnifies rounding without limit, so the program can be asked a second time, on
 * weights that are changed by as much as rounding would.
 */
export async function checkGradient({
  graph,
  inputs,
  weights,
  reach,
  gradientsAt,
}: GradientQuestion): Promise<GradientComparison> {
  const gradients = await gradientsAt(weights);
  const direction = balanced(randomChanges(graph, weights, 'direction'), gradients, reach);
  const program = along(direction, gradients);
  const scale = program === 0 ? 1 : Math.abs(program);
  const lossAt = (h: number): number => {
    const { outputs } = interpretGraph(graph, inputs, moved(weights, direction, h));
    return outputs.get(lossName)?.data[0] ?? NaN;
  };
  return {
    relative: () => Math.abs(program - (lossAt(step) - lossAt(-step)) / (2 * step)) / scale,
    sensitivity: async () => {
      const jitter = randomChanges(graph, weights, 'rounding');
      const shaken = along(direction, await gradientsAt(rounded(moved(weights, jitter, rounding))));
      return Math.abs(program - shaken) / scale;
    },
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

/**
 * The changes of parameters made to contribute about equally to the derivative, within reach, and all to raise it: else
 * an error that parameters have in common, as where an op's gradient is wrong, could cancel between them.
 */
function balanced(changes: Changes, gradients: Gradients, reach: number): Changes {
  const influences = new Map(
    [...changes].map(([path, change]) => {
      const gradient = gradients.get(path) ?? [];
      const size = Math.sqrt((dot(gradient, gradient) * dot(change, change)) / change.length);
      return [path, { size, sign: dot(gradient, change) < 0 ? -1 : 1 }] as const;
    }),
  );
  const largest = Math.max(...Array.from(influences.values(), ({ size }) => size));
  return new Map(
    [...changes].map(([path, change]) => {
      const { size, sign } = influences.get(path) ?? { size: 0, sign: 1 };
      // Where no parameter has any influence, as in a contrastive loss of one sample, all move as far as they may.
      const factor = sign * (size === 0 ? reach : Math.min(reach, largest / size));
      return [path, change.map((value) => value * factor)];
    }),
  );
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

/** The derivative along a direction. */
function along(direction: Changes, gradients: Gradients): number {
  return [...direction].reduce((sum, [path, change]) => sum + dot(gradients.get(path) ?? [], change), 0);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}
