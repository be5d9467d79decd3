/** The simple propositions that the solver works on: comparisons of one polynomial with zero, and divisibility. */
import type { Size, SizeVar } from './polynomial.ts';
import { constant, sub } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { negate, substitute as substituteProp } from './prop.ts';
import { substitute } from './size.ts';

export type Literal =
  | { readonly kind: 'zero'; readonly size: Size }
  | { readonly kind: 'nonZero'; readonly size: Size }
  | { readonly kind: 'nonNegative'; readonly size: Size }
  /** That the divisor is at least 1 is a literal of its own. */
  | { readonly kind: 'divides'; readonly dividend: Size; readonly divisor: Size }
  /** What the solver does not look into: `or`, and `not` of `divides`. */
  | { readonly kind: 'other'; readonly prop: Prop };

/** The literals whose conjunction is the proposition. */
export function literalsOf(prop: Prop): readonly Literal[] {
  switch (prop.kind) {
    case 'compare':
      return [comparison(prop.op, prop.lhs, prop.rhs)];
    case 'divides':
      return [
        { kind: 'nonNegative', size: sub(prop.divisor, constant(1)) },
        { kind: 'divides', dividend: prop.dividend, divisor: prop.divisor },
      ];
    case 'and':
      return prop.props.flatMap(literalsOf);
    case 'or':
      return prop.props.length === 1 ? prop.props.flatMap(literalsOf) : [{ kind: 'other', prop }];
    case 'not':
      return prop.prop.kind === 'divides' ? [{ kind: 'other', prop }] : literalsOf(negate(prop.prop));
    case 'known':
      return prop.value ? [] : [{ kind: 'zero', size: constant(1) }];
  }
}

function comparison(op: Extract<Prop, { kind: 'compare' }>['op'], lhs: Size, rhs: Size): Literal {
  switch (op) {
    case '==':
      return { kind: 'zero', size: sub(lhs, rhs) };
    case '!=':
      return { kind: 'nonZero', size: sub(lhs, rhs) };
    case '>=':
      return { kind: 'nonNegative', size: sub(lhs, rhs) };
    case '>':
      return { kind: 'nonNegative', size: sub(sub(lhs, rhs), constant(1)) };
    case '<=':
      return { kind: 'nonNegative', size: sub(rhs, lhs) };
    case '<':
      return { kind: 'nonNegative', size: sub(sub(rhs, lhs), constant(1)) };
  }
}

export function substituteLiteral(literal: Literal, replacements: ReadonlyMap<SizeVar, Size>): Literal {
  switch (literal.kind) {
    case 'zero':
    case 'nonZero':
    case 'nonNegative':
      return { kind: literal.kind, size: substitute(literal.size, replacements) };
    case 'divides':
      return {
        kind: 'divides',
        dividend: substitute(literal.dividend, replacements),
        divisor: substitute(literal.divisor, replacements),
      };
    case 'other':
      return { kind: 'other', prop: substituteProp(literal.prop, replacements) };
  }
}

export function sameLiteral(a: Literal, b: Literal): boolean {
  if (a === b) return true;
  const key = literalKey(a);
  return key !== undefined && key === literalKey(b);
}

/** Equal for equal literals; none where comparing is not worth it. */
export function literalKey(literal: Literal): string | undefined {
  switch (literal.kind) {
    case 'zero':
    case 'nonZero':
    case 'nonNegative':
      return `${literal.kind} ${literal.size.key}`;
    case 'divides':
      return `divides ${literal.dividend.key} ${literal.divisor.key}`;
    case 'other':
      return undefined;
  }
}
