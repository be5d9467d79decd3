import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/compiler/shapes/facts.ts';
import type { Prop } from '../../../src/compiler/shapes/prop.ts';
import {
  and,
  compare,
  divides,
  holds,
  known,
  not,
  or,
  positiveDivisor,
} from '../../../src/compiler/shapes/prop.ts';
import {
  lowerBound,
  normalize,
  prove,
  proveEqual,
  requirementFor,
  upperBound,
} from '../../../src/compiler/shapes/prove.ts';
import type { Size, SizeVar } from '../../../src/compiler/shapes/size.ts';
import {
  add,
  ceilDiv,
  constant,
  floorDiv,
  freshVar,
  mod,
  mul,
  print,
  scale,
  sub,
  variable,
  varsOf,
} from '../../../src/compiler/shapes/size.ts';

const v = {
  H: freshVar('H'),
  W: freshVar('W'),
  C: freshVar('C'),
  D: freshVar('D'),
  K: freshVar('K'),
  paths: freshVar('paths'),
  reduction: freshVar('reduction'),
};
const H = variable(v.H);
const W = variable(v.W);
const C = variable(v.C);
const D = variable(v.D);
const K = variable(v.K);
const paths = variable(v.paths);
const reduction = variable(v.reduction);
const n = constant;

/** H, W, C, D and K are sizes of axes, the others are any integers. */
const axes = [v.H, v.W, v.C, v.D, v.K].reduce((facts, axis) => facts.withVar(axis), Facts.empty);
const isMultiple = (a: Size, b: Size): Prop => compare(mod(a, b), '==', n(0));

function expectRefuted(prop: Prop, facts: Facts): ReadonlyMap<SizeVar, number> {
  const verdict = prove(prop, facts);
  if (verdict.kind !== 'refuted') throw new Error(`the verdict is ${verdict.kind}`);
  const value = (x: SizeVar): number => {
    const found = verdict.counterexample.get(x);
    if (found === undefined) throw new Error(`no value for ${x.name}`);
    return found;
  };
  expect(facts.holdFor(value)).toBe(true);
  expect(holds(prop, value)).toBe(false);
  return verdict.counterexample;
}

function expectProved(prop: Prop, facts: Facts): void {
  expect(prove(prop, facts)).toEqual({ kind: 'proved' });
}

describe('divisibility', () => {
  test('a skip connection of U-Net needs an even size', () => {
    const prop = compare(scale(floorDiv(H, n(2)), 2), '==', H);
    expect(expectRefuted(prop, axes).get(v.H)).toBe(3);
    expectProved(prop, axes.assume(isMultiple(H, n(2))));
    expectProved(prop, axes.assume(divides(H, n(6))));
  });

  test('the paths of SIM add up to C', () => {
    const path = floorDiv(C, paths);
    const prop = compare(add(path, mul(sub(paths, n(1)), path)), '==', C);
    const positive = axes.assume(compare(paths, '>=', n(1)));
    expect(expectRefuted(prop, positive).get(v.paths)).toBe(2);
    const facts = positive.assume(
      and(isMultiple(C, paths), compare(reduction, '>=', n(1)), isMultiple(C, reduction)),
    );
    expectProved(prop, facts);
    expectProved(compare(path, '>=', n(1)), facts);
    expectProved(divides(C, reduction), facts);
    expectProved(divides(scale(C, 3), reduction), facts);
    expectProved(
      compare(mul(reduction, floorDiv(add(C, reduction), reduction)), '==', add(C, reduction)),
      facts,
    );
  });

  test('the heads of attention add up to D', () => {
    const heads = variable(freshVar('heads'));
    expectProved(compare(mul(heads, floorDiv(D, heads)), '==', D), axes.assume(divides(D, heads)));
    expectProved(
      compare(floorDiv(D, heads), '==', K),
      axes.assume(and(compare(heads, '>=', n(1)), compare(D, '==', mul(heads, K)))),
    );
  });

  test('constant moduli combine', () => {
    const facts = axes.assume(and(isMultiple(C, n(4)), isMultiple(C, n(6))));
    expectProved(divides(C, n(12)), facts);
    expectProved(divides(C, n(3)), facts);
    expect(expectRefuted(divides(C, n(24)), facts).get(v.C)).toBe(12);
  });

  test('remainders are known', () => {
    const odd = axes.assume(compare(mod(H, n(4)), '==', n(3)));
    expectProved(compare(mod(H, n(2)), '==', n(1)), odd);
    expectProved(compare(H, '!=', n(10)), odd);
    expectProved(compare(H, '>=', n(3)), odd);
    expectProved(not(divides(H, n(2))), odd);
    expect(odd.assume(divides(H, n(2))).isContradictory).toBe(true);
  });

  test('several equations are solved together', () => {
    const facts = axes.assume(and(compare(scale(H, 2), '==', scale(W, 3)), compare(W, '==', mul(C, D))));
    expectProved(divides(H, n(3)), facts);
    expectProved(divides(W, n(2)), facts);
    expectProved(divides(mul(C, D), n(2)), facts);
    expectRefuted(divides(C, n(2)), facts);
  });

  test('where the normal form does not suffice, remainders are taken one by one', () => {
    expectProved(divides(mul(H, add(H, n(1))), n(2)), axes);
    expectProved(compare(add(floorDiv(H, n(2)), ceilDiv(H, n(2))), '==', H), axes);
    expectProved(compare(mod(mul(H, H), n(4)), '<=', n(1)), axes);
  });

  test('a divisor must be positive', () => {
    expect(expectRefuted(divides(n(0), paths), axes).get(v.paths)).toBe(0);
    expectProved(compare(paths, '>=', n(1)), axes.assume(divides(C, paths)));
    expectProved(compare(paths, '<=', C), axes.assume(divides(C, paths)));
    expectProved(positiveDivisor(mul(H, W)), axes);
    expect(prove(positiveDivisor(mul(H, paths)), axes).kind).toBe('refuted');
  });

  test('what is divided exactly has a share, however many terms the divisor has', () => {
    for (const divisor of [add(H, K), sub(H, K), add(mul(H, K), n(1)), add(H, paths)]) {
      expectProved(compare(floorDiv(C, divisor), '>=', n(1)), axes.assume(divides(C, divisor)));
    }
    const many = axes.assume(and(divides(C, add(H, K)), compare(C, '>=', scale(add(H, K), 2))));
    expectProved(compare(floorDiv(C, add(H, K)), '>=', n(2)), many);
    expectRefuted(compare(floorDiv(C, add(H, K)), '>=', n(3)), many);
  });
});

describe('bounds', () => {
  test('of products and sums', () => {
    expectProved(compare(mul(H, W), '>=', H), axes);
    expectProved(compare(add(mul(H, W), n(1)), '>', n(1)), axes);
    expectProved(compare(mul(sub(H, n(1)), sub(W, n(1))), '>=', n(0)), axes);
    expect(expectRefuted(compare(mul(H, W), '>', H), axes).get(v.W)).toBe(1);
  });

  test('of floors and remainders', () => {
    expectProved(compare(scale(floorDiv(H, n(2)), 2), '<=', H), axes);
    expectProved(compare(ceilDiv(H, K), '>=', n(1)), axes);
    expectProved(compare(ceilDiv(H, K), '<=', H), axes);
    expectProved(and(compare(mod(H, K), '>=', n(0)), compare(mod(H, K), '<', K)), axes);
    expectProved(compare(floorDiv(H, K), '==', n(0)), axes.assume(compare(H, '<', K)));
    expect(lowerBound(floorDiv(add(H, n(3)), n(4)), axes)).toBe(1);
    expect(upperBound(floorDiv(add(H, n(3)), n(4)), axes.assume(compare(H, '<=', n(30))))).toBe(8);
    expect(upperBound(H, axes)).toBe(Infinity);
  });

  test('a kernel fits where the input is as large', () => {
    const output = add(floorDiv(sub(add(H, n(2)), K), n(2)), n(1));
    const prop = compare(output, '>=', n(1));
    expect(expectRefuted(prop, axes).get(v.K)).toBeGreaterThan(3);
    expectProved(prop, axes.assume(compare(add(H, n(2)), '>=', K)));
  });

  test('inequalities chain, and hold for multiples', () => {
    const chain = axes.assume(and(compare(H, '>=', W), compare(W, '>', C), compare(C, '>=', D)));
    expectProved(compare(H, '>', D), chain);
    expectProved(compare(mul(H, K), '>=', mul(W, K)), chain);
    expectProved(compare(scale(H, 3), '>=', add(scale(C, 3), n(3))), chain);
    expect(prove(compare(H, '>', add(D, n(1))), chain).kind).toBe('refuted');
  });
});

describe('connectives', () => {
  const either = axes.assume(or(compare(H, '==', n(3)), compare(H, '==', n(5))));

  test('cases of an assumed `or` are taken apart', () => {
    expectProved(divides(add(H, n(1)), n(2)), either);
    expectProved(compare(H, '<=', n(5)), either);
    expectRefuted(compare(H, '==', n(3)), either);
  });

  test('one part of an `or` may use that the others fail', () => {
    expectProved(or(compare(H, '<', n(4)), compare(H, '>=', n(4))), axes);
    expectProved(or(compare(H, '==', n(3)), compare(H, '==', n(5))), either);
    expectProved(not(and(divides(H, n(2)), compare(mod(H, n(2)), '==', n(1)))), axes);
    expectRefuted(or(), axes);
    expectProved(and(), axes);
  });

  test('known propositions', () => {
    expectProved(known(true), axes);
    expectRefuted(known(false), axes);
    expectProved(known(false), axes.assume(compare(H, '==', n(0))));
  });
});

describe('verdicts', () => {
  test('plain sizes need no facts', () => {
    expectProved(compare(n(3), '<', n(4)), Facts.empty);
    expectRefuted(compare(n(3), '==', n(4)), Facts.empty);
    expect(proveEqual(add(H, W), add(W, H), Facts.empty).kind).toBe('proved');
  });

  test('a counterexample names the variables of the question first', () => {
    const example = expectRefuted(compare(K, '==', D), axes);
    expect([...example.keys()].slice(0, 2)).toEqual([v.K, v.D]);
    expect([...example.values()]).toEqual([2, 3, 2, 2, 2]);
  });

  test('a search that finds nothing leaves the question open', () => {
    // A product of two primes: it has one pair of such factors, and both are out of reach of the search.
    const facts = axes.assume(and(compare(H, '>', W), compare(W, '>', n(1))));
    const verdict = prove(compare(mul(H, W), '!=', n(1000003 * 999983)), facts);
    expect(verdict).toEqual({ kind: 'unknown', upTo: 64 });
  });

  test('the bound of what is unknown depends on how much there is to try', () => {
    const square = (size: Size): Prop => divides(mul(size, size), n(101));
    expect(prove(divides(H, n(101)), axes.assume(square(H)))).toEqual({ kind: 'unknown', upTo: 1024 });
    const sum = add(add(H, W), add(C, D));
    expect(prove(divides(sum, n(101)), axes.assume(square(sum)))).toEqual({ kind: 'unknown', upTo: 8 });
  });

  test('a counterexample prefers numbers that are telling, and small', () => {
    const example = expectRefuted(divides(C, paths), axes.assume(compare(paths, '>=', n(1))));
    expect([...example.entries()].slice(0, 2)).toEqual([[v.C, 3], [v.paths, 2]]); // prettier-ignore
    expect(expectRefuted(isMultiple(H, n(16)), axes.assume(isMultiple(H, n(8)))).get(v.H)).toBe(8);
  });

  test('sizes beyond the limits leave it open too', () => {
    const large = mul(scale(H, 2 ** 52), W);
    expect(prove(compare(large, '>=', scale(C, 2 ** 52)), axes.assume(isMultiple(H, n(8)))).kind).toBe(
      'unknown',
    );
  });
});

describe('normalize', () => {
  test.each([
    [mul(paths, floorDiv(C, paths)), axes.assume(divides(C, paths)), 'C'],
    [scale(floorDiv(C, n(2)), 2), axes.assume(isMultiple(C, n(4))), 'C'],
    [floorDiv(scale(C, 3), paths), axes.assume(divides(C, paths)), 'floordiv(3 * C, paths)'],
    [add(floorDiv(C, n(2)), H), axes.assume(compare(C, '==', n(8))), 'H + 4'],
    [floorDiv(H, n(2)), axes, 'floordiv(H, 2)'],
    [add(H, W), axes.assume(compare(H, '==', W)), '2 * H'],
    [add(mul(H, W), C), axes.assume(compare(H, '==', D)), 'C + H * W'],
  ])('%#', (size, facts, text) => {
    const simple = normalize(size, facts);
    expect(print(simple)).toBe(text);
    const before = new Set([...facts.variables, ...varsOf(size)]);
    expect(varsOf(simple).every((x) => before.has(x))).toBe(true);
  });
});

describe('requirementFor', () => {
  test.each([
    [compare(scale(floorDiv(H, n(2)), 2), '==', H), axes, 'H % 2 == 0'],
    [compare(scale(floorDiv(H, n(4)), 2), '==', floorDiv(H, n(2))), axes, 'H % 4 == 0'],
    [divides(add(C, n(8)), n(4)), axes, 'C % 4 == 0'],
    [divides(scale(C, 2), n(4)), axes, 'C % 2 == 0'],
    [divides(C, n(12)), axes.assume(divides(C, n(4))), 'C % 12 == 0'],
    [divides(C, n(9007199254740991)), axes, 'C % 9007199254740991 == 0'],
    [compare(ceilDiv(H, n(9007199254740991)), '==', floorDiv(H, n(2))), axes, undefined],
    [divides(C, paths), axes, 'paths >= 1, C % paths == 0'],
    [divides(C, paths), axes.assume(compare(paths, '>=', n(1))), 'C % paths == 0'],
    [not(divides(C, n(4))), axes, 'C % 4 != 0'],
    [compare(add(floorDiv(sub(H, n(3)), n(2)), n(1)), '>=', n(1)), axes, 'H >= 3'],
    [compare(add(floorDiv(sub(H, K), n(2)), n(1)), '>=', n(1)), axes, 'H >= K'],
    [compare(sub(add(H, n(2)), K), '>=', n(0)), axes, 'H + 2 >= K'],
    [compare(sub(n(7), scale(K, 2)), '>=', n(0)), axes, 'K <= 3'],
    [compare(scale(H, 2), '==', scale(W, 2)), axes, 'H == W'],
    [and(compare(H, '>=', n(3)), divides(W, n(2))), axes, 'H >= 3, W % 2 == 0'],
    [compare(H, '>=', n(1)), axes, undefined],
    [compare(H, '==', n(0)), axes, undefined],
    [compare(n(1), '==', n(2)), axes, undefined],
  ])('%#', (prop, facts, text) => {
    expect(requirementFor(prop, facts)).toBe(text);
  });
});
