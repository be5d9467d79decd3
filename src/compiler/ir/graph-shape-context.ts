import type { Code } from '../diagnostics/codes.ts';
import { reasonText, type Reason, type ShapeContext } from '../ops/op.ts';
import { holds, print, type Prop } from '../shapes/prop.ts';
import { equalSize, evaluate, SizeError, varsOf, type Size, type SizeVar } from '../shapes/size.ts';

/**
 * Values that stand for every value of a dynamic size. Most have many divisors, because what the checker has proved
 * may rest on a `where` that the graph no longer knows, such as `N % 4 == 0`.
 */
const SAMPLES = [1, 2, 3, 5_040, 10_080, 55_440];

/**
 * What shape rules may ask of the flat graph. Sizes are numbers, but for those over dynamic sizes; these were proved
 * by the checker, so that here they count as true unless every sample refutes them.
 */
export class GraphShapeContext implements ShapeContext {
  readonly complaints: string[] = [];

  equal(a: Size, b: Size): boolean {
    return equalSize(a, b) || (a.value === undefined && b.value === undefined && equalOnSamples(a, b));
  }

  require(prop: Prop, _code: Code, reason: Reason): boolean {
    if (SAMPLES.some((sample) => holdsAt(prop, sample))) return true;
    this.complaints.push(`${print(prop)} does not hold, because ${reasonText(reason)}`);
    return false;
  }

  fail(_code: Code, message: string): undefined {
    this.complaints.push(message);
    return undefined;
  }
}

function holdsAt(prop: Prop, sample: number): boolean {
  try {
    return holds(prop, () => sample);
  } catch (error) {
    if (error instanceof SizeError) return false;
    throw error;
  }
}

function equalOnSamples(a: Size, b: Size): boolean {
  // Variables take different values, so that N + M and 2 * N are told apart.
  const factors = new Map(
    [...varsOf(a), ...varsOf(b)].toSorted((v, w) => v.id - w.id).map((v, i) => [v, i + 1]),
  );
  try {
    return SAMPLES.filter((sample) => sample > 3).every((sample) => {
      const valueOf = (v: SizeVar): number => sample * (factors.get(v) ?? 1);
      return evaluate(a, valueOf) === evaluate(b, valueOf);
    });
  } catch (error) {
    if (error instanceof SizeError) return false;
    throw error;
  }
}
