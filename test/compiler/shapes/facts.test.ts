import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/compiler/shapes/facts.ts';
import { and, compare, divides, known, not, or } from '../../../src/compiler/shapes/prop.ts';
import { prove } from '../../../src/compiler/shapes/prove.ts';
import {
  add,
  constant,
  floorDiv,
  freshVar,
  mul,
  scale,
  variable,
} from '../../../src/compiler/shapes/size.ts';

const [h, w, k] = [freshVar('H'), freshVar('W'), freshVar('k')];
const [H, W, K] = [variable(h), variable(w), variable(k)];
const n = constant;
const axes = Facts.empty.withVar(h).withVar(w);

describe('Facts', () => {
  test('do not change: what is added is in the result alone', () => {
    const more = axes.assume(compare(H, '>=', n(3)));
    expect(prove(compare(H, '>=', n(3)), more).kind).toBe('proved');
    expect(prove(compare(H, '>=', n(3)), axes).kind).toBe('refuted');
    expect(axes.assume(known(true))).toBe(axes);
  });

  test('sizes of axes are at least 1, other variables are any integers', () => {
    expect(prove(compare(H, '>=', n(1)), axes).kind).toBe('proved');
    expect(prove(compare(K, '>=', n(1)), axes).kind).toBe('refuted');
    expect(prove(compare(K, '<=', n(8)), axes.withVar(k, { min: 2, max: 8 })).kind).toBe('proved');
    expect(prove(compare(H, '>=', n(1)), axes.withVar(h, {})).kind).toBe('refuted');
  });

  test('list their variables in order', () => {
    expect(axes.assume(compare(K, '>', H)).variables).toEqual([h, w, k]);
  });

  test('hold for values, or do not', () => {
    const facts = axes.assume(
      and(divides(H, n(2)), not(divides(W, n(2))), or(compare(H, '>', W), known(false))),
    );
    const at = (x: number, y: number) => (v: typeof h) => (v === h ? x : y);
    expect(facts.holdFor(at(4, 3))).toBe(true);
    expect(facts.holdFor(at(4, 5))).toBe(false);
    expect(facts.holdFor(at(4, 2))).toBe(false);
    expect(facts.holdFor(at(0, -1))).toBe(false);
  });
});

describe('contradictions', () => {
  test.each([
    [compare(H, '==', n(0))],
    [and(compare(H, '>', W), compare(W, '>', H))],
    [and(compare(H, '>', n(3)), compare(H, '<', n(4)))],
    [and(divides(H, n(4)), compare(H, '<', n(4)))],
    [and(divides(add(H, n(1)), n(2)), divides(H, n(2)))],
    [compare(scale(H, 2), '==', add(scale(W, 2), n(1)))],
    [and(compare(H, '==', W), compare(H, '!=', W))],
    [compare(mul(H, W), '<', H)],
    [divides(H, n(0))],
    [known(false)],
  ])('%#', (prop) => {
    expect(axes.assume(prop).isContradictory).toBe(true);
  });

  test('are not seen where there are none', () => {
    expect(axes.isContradictory).toBe(false);
    expect(axes.assume(and(compare(H, '>', W), divides(H, W))).isContradictory).toBe(false);
    expect(axes.assume(compare(floorDiv(H, W), '==', n(7))).isContradictory).toBe(false);
  });

  test('an empty range is one', () => {
    expect(Facts.empty.withVar(k, { min: 3, max: 2 }).isContradictory).toBe(true);
  });
});
