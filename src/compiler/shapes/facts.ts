/** What is known about the variables at one place of a program. */
import { isContradictory } from './bounds.ts';
import type { SizeVar } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { holds, negate, varsOf } from './prop.ts';
import { SizeError } from './size-error.ts';
import { solve } from './solve.ts';
import type { System } from './system.ts';

/** Both ends belong to the range; a missing end is open. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The range of the size of an axis. */
export const AXIS_BOUNDS: Bounds = { min: 1 };

/**
 * An immutable set of assumptions. Variables without bounds are any integers. A part of a proposition that is an `or`
 * is kept as it is: the prover takes its cases apart, the search for counterexamples tests it.
 */
export class Facts {
  static readonly empty = new Facts(new Map(), []);

  readonly bounds: ReadonlyMap<SizeVar, Bounds>;
  /** The assumed propositions, without `and` at the top and without `not` but before `divides`. */
  readonly props: readonly Prop[];
  #system: System | undefined;
  #contradictory: boolean | undefined;

  private constructor(bounds: ReadonlyMap<SizeVar, Bounds>, props: readonly Prop[]) {
    this.bounds = bounds;
    this.props = props;
  }

  /** Adds a variable, the size of an axis unless told otherwise; what was said of it before is replaced. */
  withVar(v: SizeVar, bounds: Bounds = AXIS_BOUNDS): Facts {
    return new Facts(new Map(this.bounds).set(v, bounds), this.props);
  }

  assume(prop: Prop): Facts {
    const added = conjuncts(prop);
    return added.length === 0 ? this : new Facts(this.bounds, [...this.props, ...added]);
  }

  /** Whether no values can satisfy the facts; false when that could not be shown. */
  get isContradictory(): boolean {
    this.#contradictory ??= this.#showContradiction();
    return this.#contradictory;
  }

  #showContradiction(): boolean {
    try {
      return isContradictory(this.system);
    } catch (error) {
      if (error instanceof SizeError) return false;
      throw error;
    }
  }

  /** The facts in solved form, made when first asked for. Throws a SizeError when that outgrows a limit. */
  get system(): System {
    this.#system ??= solve(this.bounds, this.props);
    return this.#system;
  }

  /** The variables that the facts speak of, each once, in the order in which they came. */
  get variables(): readonly SizeVar[] {
    return [...new Set([...this.bounds.keys(), ...this.props.flatMap(varsOf)])];
  }

  /** Whether the values satisfy all facts. Throws a SizeError where a size has no value. */
  holdFor(valueOf: (v: SizeVar) => number): boolean {
    for (const [v, { min = -Infinity, max = Infinity }] of this.bounds) {
      const value = valueOf(v);
      if (value < min || value > max) return false;
    }
    return this.props.every((prop) => holds(prop, valueOf));
  }
}

function conjuncts(prop: Prop): readonly Prop[] {
  switch (prop.kind) {
    case 'and':
      return prop.props.flatMap(conjuncts);
    case 'not':
      return prop.prop.kind === 'divides' ? [prop] : conjuncts(negate(prop.prop));
    case 'known':
      return prop.value ? [] : [prop];
    case 'compare':
    case 'divides':
    case 'or':
      return [prop];
  }
}
