/**
 * The search for values that satisfy facts. It is deterministic and bounded, and it prefers small values, because what it
 * finds is shown to people.
 *
 * It works on the solved form: values are chosen for free variables alone, and those of solved variables follow, so that
 * equalities and divisibility hold by construction. Free variables that no fact ties together are searched separately.
 */
import type { Facts } from './facts.ts';
import type { Interval } from './interval.ts';
import { ALL_INTEGERS, ceilOfEnds, floorOfEnds, intersect } from './interval.ts';
import { linearIn, type LinearForm } from './linear-in.ts';
import type { Size, SizeVar } from './polynomial.ts';
import { constant, neg, variable } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { compare, divides, holds, sizesOf, varsOf as varsOfProp } from './prop.ts';
import { SizeError } from './size-error.ts';
import { evaluate, varsOf } from './size.ts';
import type { System } from './system.ts';

/** The most values tried for the variables of one component, in order of size. */
const MAX_ORDERED_TRIES = 3000;
/** Of these, how many are tried before anything else is. */
const MAX_FIRST_TRIES = 100;
/** The most values tried after that, by chance. */
const MAX_RANDOM_TRIES = 1000;
/** Distances from an end of an interval, in the order in which they are tried. */
const DISTANCES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 23, 31, 32, 63, 64, 127, 128, 255, 1000];
/**
 * What is tried first for a size that people will see. 0 and 1 satisfy and break formulas for reasons of their own, so
 * that `3 / 2` explains more than `1 / 2`.
 */
const TELLING = [
  2, 3, 4, 5, 1, 0, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 24, 32, 33, 64, 65, 128, 129, 256, 1001,
];
/** What is tried for a variable without bounds. */
const UNBOUNDED = [2, 3, 4, 1, 0, -1, 5, 6, 7, 8, -2, 9, 10, 16, -3, 32, 64, 100, -10, 1000, -1000];

/** Values for all variables of the facts that satisfy them; undefined when the search finds none. */
export function findModel(facts: Facts): ReadonlyMap<SizeVar, number> | undefined {
  return search(facts, MAX_ORDERED_TRIES, MAX_RANDOM_TRIES);
}

/** The beginning of the same search: what it finds is what `findModel` finds. */
export function findSmallModel(facts: Facts): ReadonlyMap<SizeVar, number> | undefined {
  return search(facts, MAX_FIRST_TRIES, 0);
}

function search(facts: Facts, ordered: number, random: number): ReadonlyMap<SizeVar, number> | undefined {
  const { system } = facts;
  if (system.contradictory) return undefined;
  const values = new Map<SizeVar, number>();
  for (const component of componentsOf(facts.variables, system)) {
    const found = new ComponentSearch(component, system).run(ordered, random);
    if (found === undefined) return undefined;
    for (const [v, value] of found) values.set(v, value);
  }
  return ignoringSizeErrors(() => {
    const model = new Map<SizeVar, number>();
    for (const v of facts.variables) {
      model.set(
        v,
        evaluate(system.solved.get(v) ?? variable(v), (free) => valueIn(values, free)),
      );
    }
    return facts.holdFor((v) => valueIn(model, v)) ? model : undefined;
  });
}

function valueIn(values: ReadonlyMap<SizeVar, number>, v: SizeVar): number {
  const value = values.get(v);
  if (value === undefined) throw new Error(`the search has no value for ${v.name}`);
  return value;
}

/** A candidate at which a size overflows or divides by zero satisfies nothing. */
function ignoringSizeErrors<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Components

interface Component {
  readonly variables: readonly SizeVar[];
  readonly constraints: readonly Prop[];
}

function componentsOf(variables: readonly SizeVar[], system: System): readonly Component[] {
  const zero = constant(0);
  const constraints: readonly Prop[] = [
    ...system.zero.map((size) => compare(size, '==', zero)),
    ...system.nonNegative.map((size) => compare(size, '>=', zero)),
    ...system.nonZero.map((size) => compare(size, '!=', zero)),
    ...system.multiples.map(({ dividend, divisor }) => divides(dividend, divisor)),
    ...system.others,
  ];
  const free = new Set(variables.flatMap((v) => varsOf(system.solved.get(v) ?? variable(v))));
  for (const constraint of constraints) for (const v of varsOfProp(constraint)) free.add(v);

  const representative = new Map<SizeVar, SizeVar>([...free].map((v) => [v, v]));
  const find = (v: SizeVar): SizeVar => {
    const next = representative.get(v);
    return next === undefined || next === v ? v : find(next);
  };
  for (const constraint of constraints) {
    const [first, ...others] = varsOfProp(constraint);
    if (first !== undefined) for (const other of others) representative.set(find(other), find(first));
  }
  const components = new Map<SizeVar, { variables: SizeVar[]; constraints: Prop[] }>();
  for (const v of free) {
    const component = components.get(find(v)) ?? { variables: [], constraints: [] };
    component.variables.push(v);
    components.set(find(v), component);
  }
  for (const constraint of constraints) {
    const [first] = varsOfProp(constraint);
    if (first !== undefined) components.get(find(first))?.constraints.push(constraint);
  }
  return [...components.values()];
}

// ---------------------------------------------------------------------------------------------------------------
// Search

/** A variable, and the constraints that can be tested once it and the variables before it have values. */
interface Position {
  readonly variable: SizeVar;
  readonly interval: Interval;
  readonly constraints: readonly Prop[];
  /** factor * v + rest >= 0, where factor and rest hold earlier variables alone. */
  readonly linear: readonly LinearForm[];
}

class ComponentSearch {
  readonly #positions: readonly Position[];
  readonly #landmarks: readonly number[];
  /** Whether a variable is one of the program's, not one that solving made. */
  readonly #isShown: (v: SizeVar) => boolean;
  readonly #values = new Map<SizeVar, number>();
  readonly #valueOf = (v: SizeVar): number => valueIn(this.#values, v);
  #most = 0;
  #tries = 0;

  constructor({ variables, constraints }: Component, system: System) {
    const last = (prop: Prop): number => Math.max(-1, ...varsOfProp(prop).map((v) => variables.indexOf(v)));
    this.#positions = variables.map((v, i) => {
      const own = constraints.filter((constraint) => last(constraint) === i);
      return {
        variable: v,
        interval: system.intervals.get(v) ?? ALL_INTEGERS,
        constraints: own,
        linear: own.flatMap((prop) => boundsOn(v, prop)),
      };
    });
    this.#landmarks = landmarksOf(constraints);
    this.#isShown = (v) => !system.introduced.has(v);
  }

  run(ordered: number, random: number): ReadonlyMap<SizeVar, number> | undefined {
    this.#most = ordered;
    const widest = this.#positions.length * (DISTANCES.length + this.#landmarks.length);
    for (let effort = 0; effort <= widest && this.#tries < ordered; effort++) {
      if (this.#choose(0, effort)) return this.#values;
    }
    const chance = pseudoRandom();
    for (let i = 0; i < random; i++) {
      if (this.#chooseRandomly(chance)) return this.#values;
    }
    return undefined;
  }

  /** Gives values to the variables from `index` on whose places among the candidates add up to `effort`. */
  #choose(index: number, effort: number): boolean {
    const position = this.#positions[index];
    if (position === undefined) return effort === 0;
    const candidates = this.#candidates(position);
    const isLast = index === this.#positions.length - 1;
    // Variables come in the order of the program, what is divided before what it is divided by: 3 / 2 before 2 / 3.
    for (let place = Math.min(effort, candidates.length - 1); place >= (isLast ? effort : 0); place--) {
      const value = candidates[place];
      if (value === undefined) return false;
      if (this.#tries++ > this.#most) return false;
      if (this.#assign(position, value) && this.#choose(index + 1, effort - place)) return true;
    }
    return false;
  }

  #chooseRandomly(random: () => number): boolean {
    return this.#positions.every((position) => {
      const { low, high } = this.#interval(position);
      if (low > high) return false;
      // Cubing prefers small distances and still reaches far.
      const distance = Math.floor(random() ** 3 * 5000);
      if (Number.isFinite(low)) return this.#assign(position, Math.min(low + distance, high));
      if (Number.isFinite(high)) return this.#assign(position, high - distance);
      return this.#assign(position, random() < 0.5 ? distance : -distance);
    });
  }

  #assign({ variable: v, constraints }: Position, value: number): boolean {
    this.#values.set(v, value);
    return ignoringSizeErrors(() => constraints.every((prop) => holds(prop, this.#valueOf))) === true;
  }

  #candidates(position: Position): readonly number[] {
    const { low, high } = this.#interval(position);
    if (low > high) return [];
    let candidates: number[];
    if (this.#isShown(position.variable) && (low === 0 || low === 1)) candidates = [...TELLING];
    else if (Number.isFinite(low)) candidates = DISTANCES.map((distance) => low + distance);
    else if (Number.isFinite(high)) candidates = DISTANCES.map((distance) => high - distance);
    else candidates = [...UNBOUNDED];
    candidates.splice(4, 0, ...this.#landmarks, ...(Number.isFinite(high) ? [high] : []));
    return [...new Set(candidates)].filter((value) => value >= low && value <= high);
  }

  /** The interval of a variable, narrowed by the values of those before it. */
  #interval({ interval, linear }: Position): Interval {
    let narrowed = interval;
    for (const { factor, rest } of linear) {
      const sizes = ignoringSizeErrors(() => [
        evaluate(factor, this.#valueOf),
        evaluate(rest, this.#valueOf),
      ]);
      const [a = 0, b = 0] = sizes ?? [];
      if (a > 0) narrowed = intersect(narrowed, { low: ceilOfEnds(-b, a), high: Infinity });
      if (a < 0) narrowed = intersect(narrowed, { low: -Infinity, high: floorOfEnds(b, -a) });
    }
    return narrowed;
  }
}

/** What a constraint `size >= 0` or `size == 0` says of a variable that occurs in it linearly. */
function boundsOn(v: SizeVar, prop: Prop): readonly LinearForm[] {
  if (prop.kind !== 'compare' || prop.op === '!=') return [];
  const form = linearIn(v, prop.lhs);
  if (form === undefined) return [];
  return prop.op === '==' ? [form, { factor: neg(form.factor), rest: neg(form.rest) }] : [form];
}

/** The numbers that occur in constraints, and their neighbours: where comparisons change their answer. */
function landmarksOf(constraints: readonly Prop[]): readonly number[] {
  const landmarks = new Set<number>();
  const visit = (size: Size): void => {
    for (const { coefficient, monomial } of size.terms) {
      const value = Math.abs(coefficient);
      if (value > 1) for (const near of [value, value - 1, value + 1]) landmarks.add(near);
      for (const { atom } of monomial.factors) {
        if (atom.kind === 'floor') {
          visit(atom.numerator);
          visit(atom.denominator);
        }
      }
    }
  };
  for (const constraint of constraints) for (const size of sizesOf(constraint)) visit(size);
  return [...landmarks].slice(0, 24);
}

/** A linear congruential generator with values in [0, 1), always from the same seed. */
function pseudoRandom(): () => number {
  let state = 20250711;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
