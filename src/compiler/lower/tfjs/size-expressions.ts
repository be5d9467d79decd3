import type { Prop } from '../../shapes/prop.ts';
import { atomSize, divideMonomials, termSize } from '../../shapes/polynomial.ts';
import {
  add,
  equalSize,
  isConstant,
  mod,
  mul,
  neg,
  sub,
  type Size,
  type SizeVar,
} from '../../shapes/size.ts';

/** How sizes are spelled in some scope of the program. */
export interface SizeScope {
  /** The JavaScript name of a variable. */
  nameOf(variable: SizeVar): string;
  /** Whether a division is known to leave no remainder, so that it needs no `Math.floor`. */
  isExact(numerator: Size, denominator: Size): boolean;
}

type Level = 'sum' | 'product' | 'atom';

interface Expression {
  readonly text: string;
  readonly level: Level;
}

/** A size as a JavaScript expression: `2 * C + growth * i`, `Math.floor((H - 1) / 2)`, `C / 4`. */
export function sizeExpression(size: Size, scope: SizeScope): string {
  return expression(size, scope).text;
}

/** The same, in brackets unless it is a name, a number or a call. */
export function sizeOperand(size: Size, scope: SizeScope): string {
  return operand(expression(size, scope), 'atom');
}

function operand({ text, level }: Expression, needed: 'product' | 'atom'): string {
  const fits = level === 'atom' || (level === 'product' && needed === 'product');
  return fits ? text : `(${text})`;
}

type Term = Size['terms'][number];

function expression(given: Size, scope: SizeScope): Expression {
  const size = withoutExactQuotients(given, scope);
  const whole = asOneQuotient(size);
  if (whole !== undefined) return quotient(whole.numerator, whole.denominator, scope);
  if (size.value !== undefined) return { text: String(size.value), level: size.value < 0 ? 'sum' : 'atom' };
  const [first, ...rest] = size.terms.toSorted(
    (a, b) => Math.sign(b.coefficient) - Math.sign(a.coefficient) || constantLast(a) - constantLast(b),
  );
  if (first === undefined) return { text: '0', level: 'atom' };
  const leading = product(first, scope);
  if (rest.length === 0 && first.coefficient > 0) return leading;
  let text = first.coefficient < 0 ? `-${operand(leading, 'product')}` : leading.text;
  for (const term of rest) text += ` ${term.coefficient < 0 ? '-' : '+'} ${product(term, scope).text}`;
  return { text, level: 'sum' };
}

/** Writes q * (p / q) as p where the division is exact. */
function withoutExactQuotients(size: Size, scope: SizeScope): Size {
  let simplified = size;
  for (const { coefficient, monomial } of size.terms) {
    for (const { atom } of monomial.factors) {
      if (atom.kind !== 'floor' || !scope.isExact(atom.numerator, atom.denominator)) continue;
      const [undone, ...others] = mul(atom.denominator, atomSize(atom)).terms;
      if (undone === undefined || others.length > 0 || coefficient % undone.coefficient !== 0) continue;
      const rest = divideMonomials(monomial, undone.monomial);
      if (rest === undefined) continue;
      const whole = mul(termSize(coefficient / undone.coefficient, rest), atom.numerator);
      simplified = add(sub(simplified, termSize(coefficient, monomial)), whole);
      break;
    }
  }
  return simplified;
}

/** Writes floor(p / q) + r as floor((p + q r) / q) where that is no longer: (k + 1) / 2 - 1 is (k - 1) / 2. */
function asOneQuotient(size: Size): { readonly numerator: Size; readonly denominator: Size } | undefined {
  if (size.terms.length < 2) return undefined;
  for (const { coefficient, monomial } of size.terms) {
    const [factor, ...others] = monomial.factors;
    if (coefficient !== 1 || factor?.power !== 1 || others.length > 0 || factor.atom.kind !== 'floor')
      continue;
    const { numerator, denominator } = factor.atom;
    const beside = sub(size, atomSize(factor.atom));
    const whole = add(numerator, mul(denominator, beside));
    if (whole.terms.length <= numerator.terms.length) return { numerator: whole, denominator };
  }
  return undefined;
}

function constantLast({ monomial }: Term): number {
  return monomial.degree === 0 ? Infinity : monomial.degree;
}

/** The absolute value of a term. */
function product({ coefficient, monomial }: Term, scope: SizeScope): Expression {
  const factors: Expression[] = monomial.factors.flatMap(({ atom, power }) => {
    const one: Expression =
      atom.kind === 'variable'
        ? { text: scope.nameOf(atom.variable), level: 'atom' }
        : quotient(atom.numerator, atom.denominator, scope);
    return Array.from({ length: power }, () => one);
  });
  const scale = Math.abs(coefficient);
  if (scale !== 1 || factors.length === 0) factors.unshift({ text: String(scale), level: 'atom' });
  const [only] = factors;
  if (factors.length === 1 && only !== undefined) return only;
  return { text: factors.map((factor) => operand(factor, 'atom')).join(' * '), level: 'product' };
}

function quotient(numerator: Size, denominator: Size, scope: SizeScope): Expression {
  const above = operand(expression(numerator, scope), 'product');
  const below = operand(expression(denominator, scope), 'atom');
  const text = `${above} / ${below}`;
  return scope.isExact(numerator, denominator)
    ? { text, level: 'product' }
    : { text: `Math.floor(${text})`, level: 'atom' };
}

/** A condition on sizes as a JavaScript expression; `&&` in brackets where it meets `||`. */
export function propExpression(prop: Prop, scope: SizeScope): string {
  switch (prop.kind) {
    case 'compare': {
      const operators = { '==': '===', '!=': '!==' } as const;
      const op = prop.op === '==' || prop.op === '!=' ? operators[prop.op] : prop.op;
      return `${sizeExpression(prop.lhs, scope)} ${op} ${sizeExpression(prop.rhs, scope)}`;
    }
    case 'divides':
      return `${sizeOperand(prop.dividend, scope)} % ${sizeOperand(prop.divisor, scope)} === 0`;
    case 'and':
      return connected(prop.props, '&&', 'true', scope);
    case 'or':
      return connected(prop.props, '||', 'false', scope);
    case 'not':
      return `!(${propExpression(prop.prop, scope)})`;
    case 'known':
      return String(prop.value);
  }
}

function connected(props: readonly Prop[], operator: string, empty: string, scope: SizeScope): string {
  const [only] = props;
  if (only === undefined) return empty;
  if (props.length === 1) return propExpression(only, scope);
  return props
    .map((prop) => {
      const text = propExpression(prop, scope);
      const nested = (prop.kind === 'and' || prop.kind === 'or') && prop.props.length > 1;
      return nested ? `(${text})` : text;
    })
    .join(` ${operator} `);
}

/** The dividend leaves a known remainder. */
interface Congruence {
  readonly dividend: Size;
  readonly divisor: Size;
  readonly remainder: number;
}

/**
 * Divisions that facts of the form `C % k == 0` make exact. Of `kernel % 2 == 1` it follows that (kernel + 1) / 2 is.
 */
export function exactDivisions(facts: readonly Prop[]): SizeScope['isExact'] {
  const known = facts.flatMap(congruences);
  return (numerator, denominator) =>
    known.some(({ dividend, divisor, remainder }) => {
      if (!equalSize(divisor, denominator)) return false;
      const more = isConstant(sub(numerator, dividend));
      if (more === undefined) return false;
      const modulus = isConstant(divisor);
      return modulus === undefined ? more + remainder === 0 : (more + remainder) % modulus === 0;
    });
}

function congruences(fact: Prop): readonly Congruence[] {
  if (fact.kind === 'and') return fact.props.flatMap(congruences);
  if (fact.kind === 'divides') return [{ dividend: fact.dividend, divisor: fact.divisor, remainder: 0 }];
  if (fact.kind !== 'compare' || fact.op !== '==') return [];
  // p % q == r is p - q floor(p / q) - r == 0, or the same with other signs.
  const difference = sub(fact.lhs, fact.rhs);
  return difference.terms.flatMap(({ monomial }) =>
    monomial.factors.flatMap(({ atom }) => {
      if (atom.kind !== 'floor') return [];
      const { numerator: dividend, denominator: divisor } = atom;
      const [left, right] = [difference, neg(difference)].map((side) =>
        isConstant(sub(mod(dividend, divisor), side)),
      );
      const remainder = left ?? right;
      return remainder === undefined ? [] : [{ dividend, divisor, remainder }];
    }),
  );
}
