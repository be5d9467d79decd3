/**
 * All small values, one after the other: the last that is tried where nothing could be shown. It makes the answer
 * "unknown" worth something, because it says up to where there is no counterexample.
 */
import type { Facts } from './facts.ts';
import { findModel } from './find-model.ts';
import type { SizeVar } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { holds, negate, varsOf } from './prop.ts';
import { SizeError } from './size-error.ts';

/** The most values that are given to variables, all rounds taken together. */
const MAX_VALUES = 20_000;
/** No size beyond this is tried, however few variables there are. */
const MAX_UP_TO = 1024;

export interface TriedAll {
  readonly counterexample: ReadonlyMap<SizeVar, number> | undefined;
  /** Without one: no values from -upTo to upTo satisfy the facts and not the proposition. */
  readonly upTo: number;
}

/** Tries all values up to 1, 2, 4 and so on, as far as the limits allow. */
export function tryAll(prop: Prop, facts: Facts): TriedAll {
  const search = new Exhaustive(prop, facts);
  let upTo = 0;
  for (let bound = 1; bound <= MAX_UP_TO; bound *= 2) {
    const found = search.run(bound);
    if (found === 'too many') break;
    if (found !== undefined) {
      // The other variables have nothing to do with these: any values that the facts allow will do.
      const others = findModel(facts);
      return { counterexample: others && new Map([...others, ...found]), upTo };
    }
    upTo = bound;
  }
  return { counterexample: undefined, upTo };
}

type Found = ReadonlyMap<SizeVar, number> | 'too many' | undefined;

class Exhaustive {
  readonly #facts: Facts;
  readonly #variables: readonly SizeVar[];
  /** For each variable, what can be tested once it and those before it have values. */
  readonly #constraints: readonly (readonly Prop[])[];
  readonly #values = new Map<SizeVar, number>();
  readonly #valueOf = (v: SizeVar): number => this.#values.get(v) ?? 0;
  #left = MAX_VALUES;

  constructor(prop: Prop, facts: Facts) {
    this.#facts = facts;
    const variables = new Set(varsOf(prop));
    const connected = connectedWith(variables, facts);
    this.#variables = [...variables];
    const last = (one: Prop): number => Math.max(...varsOf(one).map((v) => this.#variables.indexOf(v)));
    const constraints = [...connected, negate(prop)];
    this.#constraints = this.#variables.map((_, i) => constraints.filter((one) => last(one) === i));
  }

  run(bound: number): Found {
    return this.#choose(0, bound);
  }

  #choose(index: number, bound: number): Found {
    const v = this.#variables[index];
    if (v === undefined) return this.#values;
    const { min = -Infinity, max = Infinity } = this.#facts.bounds.get(v) ?? {};
    for (let value = Math.max(min, -bound); value <= Math.min(max, bound); value++) {
      if (this.#left-- <= 0) return 'too many';
      this.#values.set(v, value);
      if (!this.#isPossible(index)) continue;
      const found = this.#choose(index + 1, bound);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #isPossible(index: number): boolean {
    try {
      return this.#constraints[index]?.every((one) => holds(one, this.#valueOf)) ?? true;
    } catch (error) {
      // Where a size has no value, nothing is said of it.
      if (error instanceof SizeError) return false;
      throw error;
    }
  }
}

/** The assumptions that bear upon some variables, directly or by way of others, which are added to the variables. */
function connectedWith(variables: Set<SizeVar>, { props }: Facts): readonly Prop[] {
  const connected = new Set<Prop>();
  for (let before = -1; before < connected.size;) {
    before = connected.size;
    for (const prop of props) {
      const vars = varsOf(prop);
      if (connected.has(prop) || !vars.some((v) => variables.has(v))) continue;
      connected.add(prop);
      for (const v of vars) variables.add(v);
    }
  }
  return [...connected];
}
