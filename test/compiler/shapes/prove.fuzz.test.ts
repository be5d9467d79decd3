import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/compiler/shapes/facts.ts';
import type { Prop } from '../../../src/compiler/shapes/prop.ts';
import { and, compare, divides, not, or } from '../../../src/compiler/shapes/prop.ts';
import { lowerBound, normalize, upperBound } from '../../../src/compiler/shapes/prove.ts';
import type { Size, SizeVar } from '../../../src/compiler/shapes/size.ts';
import {
  add,
  constant,
  evaluate,
  floorDiv,
  freshVar,
  mod,
  mul,
  scale,
  sub,
  variable,
} from '../../../src/compiler/shapes/size.ts';
import { modelsOf, valueIn, valuesWithin } from './brute-force.ts';
import { factsOf, operators, testVerdicts } from './random-questions.ts';

const PARAMETERS = { seed: 847, numRuns: 200 };

// Two sizes of axes, and a hyper-parameter that may be any integer.
const [h, c, k] = [freshVar('H'), freshVar('C'), freshVar('k')];
const variables: readonly SizeVar[] = [h, c, k];
const atoms = variables.map(variable);
const base = Facts.empty.withVar(h).withVar(c).withVar(k, {});

const atom = fc.constantFrom(...atoms);
const linear: fc.Arbitrary<Size> = fc
  .tuple(
    atom,
    fc.integer({ min: -3, max: 4 }),
    atom,
    fc.integer({ min: -2, max: 2 }),
    fc.integer({ min: -6, max: 6 }),
  )
  .map(([x, p, y, q, r]) => add(add(scale(x, p), scale(y, q)), constant(r)));
// At least 1: what is divided by less has no value. `divides` alone may be asked of any divisor.
const divisor: fc.Arbitrary<Size> = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map(constant),
  fc.constantFrom(variable(h), variable(c)),
);
const size: fc.Arbitrary<Size> = fc.oneof(
  atom,
  linear,
  fc.tuple(linear, divisor).map(([x, d]) => floorDiv(x, d)),
  fc.tuple(linear, divisor).map(([x, d]) => mod(x, d)),
  fc.tuple(linear, divisor).map(([x, d]) => mul(d, floorDiv(x, d))),
  fc.tuple(linear, linear).map(([x, y]) => mul(x, y)),
  fc.tuple(linear, divisor, linear).map(([x, d, y]) => add(floorDiv(x, d), y)),
);
const comparison: fc.Arbitrary<Prop> = fc.oneof(
  fc.tuple(size, operators, size).map(([a, o, b]) => compare(a, o, b)),
  fc.tuple(size, operators, fc.integer({ min: -4, max: 9 })).map(([a, o, b]) => compare(a, o, constant(b))),
  fc.tuple(fc.oneof(atom, linear), fc.oneof(divisor, atom)).map(([a, d]) => divides(a, d)),
);
const prop: fc.Arbitrary<Prop> = fc.oneof(
  { weight: 4, arbitrary: comparison },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((props) => and(...props)) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((props) => or(...props)) },
  { weight: 1, arbitrary: comparison.map(not) },
);
const facts = factsOf(base, prop);

const domain = valuesWithin([
  [h, 1, 10],
  [c, 1, 10],
  [k, -2, 5],
]);

describe('verdicts on random facts', () => {
  testVerdicts(facts, prop, domain, { ...PARAMETERS, least: { proved: 20, refuted: 20 } });

  test('facts called contradictory have no small values', () => {
    fc.assert(
      fc.property(facts, ({ props, facts: assumed }) => {
        if (assumed.isContradictory) expect(modelsOf(props, domain)).toEqual([]);
      }),
      PARAMETERS,
    );
  });
});

test('bounds hold for small values', () => {
  fc.assert(
    fc.property(facts, size, ({ props, facts: assumed }, s) => {
      const [low, high] = [lowerBound(s, assumed), upperBound(s, assumed)];
      for (const values of modelsOf(props, domain)) {
        const value = evaluate(s, valueIn(values));
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }
    }),
    PARAMETERS,
  );
});

test('normalize keeps the value, comes to rest, and brings in no variables', () => {
  fc.assert(
    fc.property(facts, size, ({ props, facts: assumed }, s) => {
      const simple = normalize(s, assumed);
      expect(normalize(simple, assumed).key).toBe(simple.key);
      for (const values of modelsOf(props, domain)) {
        expect(evaluate(sub(simple, s), valueIn(values))).toBe(0);
      }
    }),
    PARAMETERS,
  );
});
