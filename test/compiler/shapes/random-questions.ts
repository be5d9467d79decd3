import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Facts } from '../../../src/compiler/shapes/facts.ts';
import type { CompareOp, Prop } from '../../../src/compiler/shapes/prop.ts';
import { soundVerdict, type Values } from './brute-force.ts';

/** Assumptions, one by one and taken together. */
export interface Assumed {
  readonly props: readonly Prop[];
  readonly facts: Facts;
}

export const operators = fc.constantFrom<CompareOp>('==', '!=', '<', '<=', '>', '>=');

/** What may be known beside `base`. */
export function factsOf(base: Facts, condition: fc.Arbitrary<Prop>): fc.Arbitrary<Assumed> {
  return fc.array(condition, { maxLength: 3 }).map((props) => ({
    props,
    facts: props.reduce((all, prop) => all.assume(prop), base),
  }));
}

/** Tests that the prover is never wrong on random questions, and seldom does not know. */
export function testVerdicts(
  facts: fc.Arbitrary<Assumed>,
  question: fc.Arbitrary<Prop>,
  domain: readonly Values[],
  {
    least,
    ...parameters
  }: {
    readonly seed: number;
    readonly numRuns: number;
    /** How many are proved and refuted, so that both were tested. */
    readonly least: { readonly proved: number; readonly refuted: number };
  },
): void {
  const counts = { proved: 0, refuted: 0, unknown: 0 };

  test('are never contradicted by small values', () => {
    fc.assert(
      fc.property(facts, question, ({ props, facts: assumed }, asked) => {
        counts[soundVerdict(asked, assumed, props, domain)]++;
      }),
      parameters,
    );
  });

  test('are mostly not unknown', () => {
    expect(counts.proved).toBeGreaterThan(least.proved);
    expect(counts.refuted).toBeGreaterThan(least.refuted);
    expect(counts.unknown).toBeLessThan(parameters.numRuns * 0.1);
  });
}
