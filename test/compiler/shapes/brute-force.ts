import { expect } from 'vitest';
import type { Facts } from '../../../src/compiler/shapes/facts.ts';
import type { Prop } from '../../../src/compiler/shapes/prop.ts';
import { holds } from '../../../src/compiler/shapes/prop.ts';
import { prove, type Verdict } from '../../../src/compiler/shapes/prove.ts';
import type { SizeVar } from '../../../src/compiler/shapes/size.ts';

export type Values = ReadonlyMap<SizeVar, number>;

/** All values of variables within ranges, both ends included. */
export function valuesWithin(
  ranges: readonly (readonly [variable: SizeVar, least: number, most: number])[],
): readonly Values[] {
  let points: readonly Values[] = [new Map()];
  for (const [variable, least, most] of ranges) {
    const numbers = Array.from({ length: most - least + 1 }, (_, i) => least + i);
    points = points.flatMap((point) => numbers.map((n) => new Map(point).set(variable, n)));
  }
  return points;
}

export const valueIn =
  (values: Values) =>
  (v: SizeVar): number => {
    const value = values.get(v);
    if (value === undefined) throw new Error(`no value for ${v.name}`);
    return value;
  };

/** The values for which all of these hold. */
export function modelsOf(props: readonly Prop[], domain: readonly Values[]): readonly Values[] {
  return domain.filter((values) => props.every((p) => holds(p, valueIn(values))));
}

/**
 * The verdict on a question, which must not be contradicted: what is proved has no counterexample in the domain, and
 * the counterexample of what is refused satisfies the facts and not the question; where nothing could be told, no values
 * up to the bound that is told contradict it.
 */
export function soundVerdict(
  question: Prop,
  facts: Facts,
  props: readonly Prop[],
  domain: readonly Values[],
): Verdict['kind'] {
  const verdict = prove(question, facts);
  switch (verdict.kind) {
    case 'proved':
      expect(modelsOf(props, domain).find((values) => !holds(question, valueIn(values)))).toBeUndefined();
      break;
    case 'refuted': {
      const value = valueIn(verdict.counterexample);
      expect(facts.holdFor(value)).toBe(true);
      expect(holds(question, value)).toBe(false);
      break;
    }
    case 'unknown': {
      const isTried = (values: Values): boolean =>
        [...values.values()].every((value) => Math.abs(value) <= verdict.upTo);
      const failing = modelsOf(props, domain).filter((values) => !holds(question, valueIn(values)));
      expect(failing.filter(isTried)).toEqual([]);
      break;
    }
  }
  return verdict.kind;
}
