import type { Interval } from './interval.ts';
import type { Size, SizeVar } from './polynomial.ts';
import type { Prop } from './prop.ts';
import type { Multiple, Rewriting } from './rewrite.ts';

/**
 * Facts in solved form. Equalities and divisibility express variables by others: C % 4 == 0 becomes C = 4 t, with a new
 * variable t. What is left speaks of the free variables, those that are not solved.
 */
export interface System {
  /** Whether solving met a contradiction; the other fields are then of no use. */
  readonly contradictory: boolean;
  /** Solved variables, each as a size in free variables. */
  readonly solved: ReadonlyMap<SizeVar, Size>;
  /** The variables that solving made, each as a size in variables that were there before it. */
  readonly introduced: ReadonlyMap<SizeVar, Size>;
  /** Free variables; one that is missing is any integer. */
  readonly intervals: ReadonlyMap<SizeVar, Interval>;
  /** Sizes that are at least 0, beyond what the intervals say. */
  readonly nonNegative: readonly Size[];
  readonly nonZero: readonly Size[];
  /** Sizes that are 0 but could not be solved for a variable. */
  readonly zero: readonly Size[];
  /** Divisibility that could not be solved for a variable. */
  readonly multiples: readonly Multiple[];
  /** What rewrites sizes by `zero` and `multiples`. */
  readonly rewriting: Rewriting;
  /** Propositions that are not looked into. */
  readonly others: readonly Prop[];
  /** Lower bounds computed so far, by the keys of the sizes; see `bounds.ts`. */
  readonly lowerBounds: Map<string, number>;
  readonly lowerBoundsWithFacts: Map<string, number>;
}
