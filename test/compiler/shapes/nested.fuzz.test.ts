import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/compiler/shapes/facts.ts';
import type { Prop } from '../../../src/compiler/shapes/prop.ts';
import { and, compare, divides, holds } from '../../../src/compiler/shapes/prop.ts';
import { normalize, prove } from '../../../src/compiler/shapes/prove.ts';
import type { Size } from '../../../src/compiler/shapes/size.ts';
import {
  add,
  ceilDiv,
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
import { modelsOf, valueIn, valuesWithin, type Values } from './brute-force.ts';
import { factsOf, operators, testVerdicts } from './random-questions.ts';

/*
 * The sizes that networks have: windows after windows, exact divisions by symbolic numbers, remainders; and the facts
 * that signatures state of them.
 */

// Two axes, a number of groups and a stride.
const [h, c, k, s] = [freshVar('H'), freshVar('C'), freshVar('k'), freshVar('s')];
const [H, C, K, S] = [h, c, k, s].map(variable) as [Size, Size, Size, Size];
const base = Facts.empty.withVar(h).withVar(c).withVar(k).withVar(s);
const domain = valuesWithin([
  [h, 1, 12],
  [c, 1, 12],
  [k, 1, 5],
  [s, 1, 4],
]);

const one = constant(1);
const small = (min: number, max: number): fc.Arbitrary<Size> => fc.integer({ min, max }).map(constant);
const axis = fc.constantFrom(H, C);
const plainDivisor = fc.oneof(small(1, 5), fc.constantFrom(K, S));
const divisor = fc.oneof(
  plainDivisor,
  plainDivisor,
  fc.constantFrom(add(K, S), add(scale(K, 2), one), mul(K, S)),
);
const shifted = fc.tuple(fc.oneof(axis, axis.map((x) => scale(x, 2)), fc.constant(mul(C, K))), small(-3, 4)).map(([x, n]) => add(x, n)); // prettier-ignore

/** One window: floor((x + c) / a) + 1, a rounding up, what is left over, or an exact share. */
const layer = fc.oneof(
  fc.tuple(small(-3, 2), divisor).map(
    ([n, d]) =>
      (x: Size) =>
        add(floorDiv(add(x, n), d), one),
  ),
  divisor.map((d) => (x: Size) => ceilDiv(x, d)),
  divisor.map((d) => (x: Size) => floorDiv(x, d)),
  divisor.map((d) => (x: Size) => mod(x, d)),
  divisor.map((d) => (x: Size) => mul(d, floorDiv(x, d))),
  small(-2, 3).map((n) => (x: Size) => add(x, n)),
);
const nested: fc.Arbitrary<Size> = fc
  .tuple(shifted, fc.array(layer, { minLength: 1, maxLength: 3 }))
  .map(([x, layers]) => layers.reduce((size, make) => make(size), x));

/** What stands behind `where`. */
const condition: fc.Arbitrary<Prop> = fc.oneof(
  fc.constantFrom(
    divides(C, K),
    divides(H, S),
    divides(C, mul(K, S)),
    divides(H, constant(2)),
    divides(add(C, H), K),
  ),
  fc.tuple(axis, small(2, 6)).map(([x, n]) => compare(x, '>=', n)),
  fc.constantFrom(
    compare(C, '>', K),
    compare(H, '>=', mul(S, constant(2))),
    compare(C, '==', H),
    compare(K, '<=', S),
  ),
  fc.constant(compare(mod(K, constant(2)), '==', one)),
  fc.tuple(nested, small(1, 3)).map(([x, n]) => compare(x, '>=', n)),
);
const facts = factsOf(base, condition);

const question: fc.Arbitrary<Prop> = fc.oneof(
  fc.tuple(nested, operators, nested).map(([a, o, b]) => compare(a, o, b)),
  fc.tuple(nested, operators, small(-1, 4)).map(([a, o, b]) => compare(a, o, b)),
  fc.tuple(nested, divisor).map(([a, d]) => divides(a, d)),
);

const PARAMETERS = { seed: 20_261_128, numRuns: 400 };

describe('verdicts on the sizes of networks', () => {
  testVerdicts(facts, question, domain, { ...PARAMETERS, least: { proved: 40, refuted: 150 } });

  test('know what has no small counterexample, mostly', () => {
    let [valid, proved] = [0, 0];
    fc.assert(
      fc.property(facts, question, ({ props, facts: assumed }, asked) => {
        const models = modelsOf(props, domain);
        if (models.length < 50 || !models.every((values) => holds(asked, valueIn(values)))) return;
        valid++;
        if (prove(asked, assumed).kind === 'proved') proved++;
      }),
      PARAMETERS,
    );
    expect(valid).toBeGreaterThan(30);
    // What holds for small values need not hold for all.
    expect(proved / valid).toBeGreaterThan(0.7);
  });

  test('normal forms under facts keep their values', () => {
    fc.assert(
      fc.property(facts, nested, ({ props, facts: assumed }, size) => {
        const simple = normalize(size, assumed);
        const difference = sub(simple, size);
        const differs = (values: Values): boolean => evaluate(difference, valueIn(values)) !== 0;
        expect(modelsOf(props, domain).find(differs)).toBeUndefined();
      }),
      PARAMETERS,
    );
  });
});

describe('laws of rounding', () => {
  const proves = (law: Prop, ...given: readonly Prop[]): void => {
    const assumed = given.reduce((all, prop) => all.assume(prop), base);
    expect(prove(law, assumed).kind).toBe('proved');
    expect(modelsOf(given, domain).every((values) => holds(law, valueIn(values)))).toBe(true);
  };
  const number = fc.integer({ min: 1, max: 7 }).map(constant);
  const check = (law: (p: Size, a: Size, b: Size, n: Size) => void): void =>
    fc.assert(fc.property(shifted, divisor, number, small(-6, 6), law), { seed: 5, numRuns: 60 });

  test('a floor of a floor is one floor', () => {
    check((p, a, b, n) => {
      proves(compare(floorDiv(floorDiv(p, a), b), '==', floorDiv(p, mul(a, b))));
      proves(compare(floorDiv(add(floorDiv(p, a), n), b), '==', floorDiv(add(p, mul(a, n)), mul(a, b))));
      proves(compare(ceilDiv(ceilDiv(p, a), b), '==', ceilDiv(p, mul(a, b))));
    });
  });

  test('a remainder is what a floor leaves over', () => {
    check((p, a, _b, n) => {
      proves(compare(add(mul(a, floorDiv(p, a)), mod(p, a)), '==', p));
      proves(and(compare(mod(p, a), '>=', constant(0)), compare(mod(p, a), '<', a)));
      proves(compare(mod(add(p, mul(a, n)), a), '==', mod(p, a)));
      proves(compare(ceilDiv(p, a), '==', floorDiv(add(p, sub(a, one)), a)));
    });
  });

  test('an exact division is undone by its product', () => {
    check((_p, a, b) => {
      const given = divides(C, a);
      proves(compare(mul(a, floorDiv(C, a)), '==', C), given);
      proves(compare(floorDiv(C, a), '>=', one), given);
      proves(compare(ceilDiv(C, a), '==', floorDiv(C, a)), given);
      proves(compare(mod(C, a), '==', constant(0)), given);
      proves(divides(mul(C, b), a), given);
      proves(compare(floorDiv(mul(C, b), a), '==', mul(b, floorDiv(C, a))), given);
    });
  });
});
