import { attributesKey, type Attributes, type AttributeValue } from '../../../src/compiler/ops/attributes.ts';
import type { ConvAttributes } from '../../../src/compiler/ops/conv.ts';
import { kernelAxis } from '../../../src/compiler/ops/kernel-axis.ts';
import type { ConvTransposeAttributes } from '../../../src/compiler/ops/conv-transpose.ts';
import { elementCount, sizeOf, type ConcreteType } from '../../../src/compiler/ops/nd-array.ts';
import type { Op, Sample } from '../../../src/compiler/ops/op.ts';
import type { MaxPoolAttributes } from '../../../src/compiler/ops/pool.ts';
import { slidType, type Window } from '../../../src/compiler/ops/window.ts';
import { Size } from '../../../src/compiler/shapes/polynomial.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { ConcreteContext, concreteType, sampleRun, symbolic, type SampleRun } from './sample-runs.ts';

/** So many samples of each op are compared on all targets. */
export const generatedCount = 30;

const attempts = 20_000;
const largest = 3_000;

/** Reproducible choices (a linear congruential generator: enough for test data). */
class Choices {
  private state: number;

  constructor(seed: string) {
    const letters = Array.from(seed, (letter) => letter.charCodeAt(0));
    this.state = letters.reduce((hash, letter) => Math.imul(hash ^ letter, 16_777_619) >>> 0, 1);
  }

  /** In [0, 1). */
  fraction(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, key: this.fraction() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}

/**
 * Samples of an op that nobody has written: other sizes, orders of axes and attributes than those of its own samples.
 * Which of them the op takes, its shape rule says; what is left must have finite results.
 */
export function generatedRuns(op: Op): readonly SampleRun[] {
  const choices = new Choices(op.name);
  const free = freePlaces(op);
  const runs: SampleRun[] = [];
  for (let attempt = 0; attempt < attempts && runs.length < generatedCount; attempt++) {
    const base = op.samples[attempt % op.samples.length];
    if (base === undefined) break;
    const sample = fitted(op, varied(base, free, choices));
    if (!isTaken(op, sample)) continue;
    const run = sampleRun(op, sample, runs.length);
    const results = op.evaluate(run.inputs, sample.attributes, run.outputs);
    if (results.every(({ data }) => data.length <= largest && data.every(Number.isFinite))) runs.push(run);
  }
  return runs;
}

/** A gradient is given what the op made whose gradient it is, so that the sizes of that follow from those of x. */
function fitted(op: Op, sample: Sample<Attributes>): Sample<Attributes> {
  const [x, ...made] = sample.inputs;
  if (x === undefined || !ofWindows.has(op.name)) return sample;
  const { windows } = sample.attributes as MaxPoolAttributes;
  const slid = slidType(x, windows);
  const fits = made.map((type) => ({
    ...type,
    axes: type.axes.map((axis) =>
      windows.some((window) => window.axis === axis.name) ? { ...axis, size: sizeOf(slid, axis.name) } : axis,
    ),
  }));
  return { ...sample, inputs: [x, ...fits] };
}

/** Gradients by what windows slid over; what they are given besides has the windows' places for axes. */
const ofWindows: ReadonlySet<string> = new Set(['conv_weight_gradient', 'max_pool_gradient']);

function isTaken(op: Op, sample: Sample<Attributes>): boolean {
  if (sample.inputs.some((type) => elementCount(type) > largest)) return false;
  if (takenForGranted[op.name]?.(sample) === false) return false;
  const types = op.infer(sample.inputs.map(symbolic), sample.attributes, new ConcreteContext());
  return types?.every((type) => concreteType(type).axes.every(({ size }) => size >= 1)) === true;
}

function varied(sample: Sample<Attributes>, free: ReadonlySet<string>, choices: Choices): Sample<Attributes> {
  const sizes = new Map<string, number>();
  const sizeFor = (name: string, old: number): number => {
    const size = sizes.get(name) ?? (choices.fraction() < 0.5 ? old : choices.whole(1, 7));
    sizes.set(name, size);
    return size;
  };
  const inputs = sample.inputs.map(({ dtype, axes }): ConcreteType => {
    const changed = axes.map(({ name, size }) => ({ name, size: sizeFor(name, size) }));
    return { dtype, axes: choices.shuffled(changed) };
  });
  const attributes = Object.entries(sample.attributes).map(([name, value]) => [
    name,
    variedValue(value, `.${name}`, free, choices),
  ]);
  return { ...sample, inputs, attributes: Object.fromEntries(attributes) };
}

/** The places in the attributes of an op, as in `windows.0.stride`, that are not the same in all of its samples. */
function freePlaces(op: Op): ReadonlySet<string> {
  const values = new Map<string, Set<string>>();
  for (const { attributes } of op.samples) {
    visit(attributes, '', (place, value) => {
      const known = values.get(place) ?? new Set();
      values.set(place, known.add(attributesKey({ value })));
    });
  }
  return new Set([...values].filter(([, known]) => known.size > 1).map(([place]) => place));
}

function visit(
  value: AttributeValue,
  place: string,
  see: (place: string, value: AttributeValue) => void,
): void {
  if (typeof value !== 'object' || value instanceof Size) see(place, value);
  else for (const [name, part] of Object.entries(value)) visit(part, `${place}.${name}`, see);
}

/** Other sizes, fractions and flags; whole numbers and names stay, since they are often one of a few. */
function variedValue(
  value: AttributeValue,
  place: string,
  free: ReadonlySet<string>,
  choices: Choices,
): AttributeValue {
  const change = choices.fraction() < 0.3 && free.has(place);
  if (value instanceof Size) {
    if (!change) return value;
    // What is 0 may be left out, such as padding; what is not may be a divisor.
    return constant(value.value === 0 ? choices.whole(0, 2) : choices.whole(1, 4));
  }
  if (typeof value === 'number')
    return change && !Number.isInteger(value) ? value * (0.5 + choices.fraction()) : value;
  if (typeof value === 'boolean') return change ? !value : value;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value))
    return value.map((item: AttributeValue, i) => variedValue(item, `${place}.${i}`, free, choices));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, variedValue(part, `${place}.${name}`, free, choices)]),
  );
}

/** What surface ops see to and their primitives take for granted. */
const takenForGranted: Readonly<Record<string, (sample: Sample<Attributes>) => boolean>> = {
  conv: ({ inputs, attributes }) => {
    const { windows, groups } = attributes as ConvAttributes;
    const sizes = new Map(inputs[1]?.axes.map(({ name, size }) => [name, size]));
    return (
      windows.every(
        (window) => isPaddedAlike(window) && sizes.get(kernelAxis(window.axis)) === window.kernel.value,
      ) && (sizes.get('.out') ?? 1) % (groups.value ?? 1) === 0
    );
  },
  conv_transpose: ({ inputs, attributes }) => {
    const { windows, groups } = attributes as ConvTransposeAttributes;
    const sizes = new Map(inputs.slice(1).flatMap(({ axes }) => axes.map(({ name, size }) => [name, size])));
    const made = (sizes.get('.member') ?? 1) * (groups.value ?? 1);
    return (
      windows.every(({ axis, kernel, stride, more }) => {
        return sizes.get(kernelAxis(axis)) === kernel.value && (more.value ?? 0) < (stride.value ?? 1);
      }) &&
      (sizes.get('.in') ?? 1) % (groups.value ?? 1) === 0 &&
      (sizes.get('.out') ?? made) === made
    );
  },
  // The variance of one value means nothing; no batch is so small.
  batch_norm_train: ({ inputs: [x, weight] }) =>
    x !== undefined && weight !== undefined && elementCount(x) > elementCount(weight),
  max_pool: isPoolOfSomething,
  avg_pool: isPoolOfSomething,
  max_pool_gradient: (sample) => isPoolOfSomething(sample) && reachesAll(sample),
  avg_pool_gradient: isPoolOfSomething,
};

function isPaddedAlike({ even, before, after }: Window): boolean {
  return even !== true || before.value === after.value;
}

/** A last window that does not fit begins inside: a step further than the padding is still in the window. */
function reachesAll({ attributes }: Sample<Attributes>): boolean {
  const { windows } = attributes as MaxPoolAttributes;
  return windows.every(({ ceil, kernel, stride, after }) => {
    return ceil !== true || (kernel.value ?? 1) >= (stride.value ?? 1) + (after.value ?? 0);
  });
}

/** No window lies in the padding alone. */
function isPoolOfSomething({ attributes }: Sample<Attributes>): boolean {
  const { windows } = attributes as MaxPoolAttributes;
  return windows.every((window) => {
    const kernel = window.kernel.value ?? 1;
    return isPaddedAlike(window) && [window.before, window.after].every(({ value = 0 }) => value < kernel);
  });
}
