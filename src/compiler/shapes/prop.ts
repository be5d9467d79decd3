/** Propositions about sizes: what `where`, `assert` and branch conditions say, and what ops ask of shapes. */
import { commonMonomialOf } from './common-factors.ts';
import type { Size, SizeVar } from './polynomial.ts';
import { atomSize, constant, constantTerm, sub } from './polynomial.ts';
import type { PrintOptions } from './print-size.ts';
import { print as printSize, printOperand } from './print-size.ts';
import { evaluate, substitute as substituteSize, varsOf as varsOfSize } from './size.ts';

export type CompareOp = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Prop =
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly lhs: Size; readonly rhs: Size }
  /** The divisor is at least 1, and the dividend is a multiple of it. */
  | { readonly kind: 'divides'; readonly dividend: Size; readonly divisor: Size }
  | { readonly kind: 'and'; readonly props: readonly Prop[] }
  | { readonly kind: 'or'; readonly props: readonly Prop[] }
  | { readonly kind: 'not'; readonly prop: Prop }
  | { readonly kind: 'known'; readonly value: boolean };

export function compare(lhs: Size, op: CompareOp, rhs: Size): Prop {
  return { kind: 'compare', op, lhs, rhs };
}

/** `dividend % divisor == 0`, and `divisor >= 1`. */
export function divides(dividend: Size, divisor: Size): Prop {
  return { kind: 'divides', dividend, divisor };
}

export function and(...props: readonly Prop[]): Prop {
  return { kind: 'and', props };
}

export function or(...props: readonly Prop[]): Prop {
  return { kind: 'or', props };
}

export function not(prop: Prop): Prop {
  return { kind: 'not', prop };
}

export function known(value: boolean): Prop {
  return { kind: 'known', value };
}

/**
 * What has to be proved before something is divided by `divisor`: it is at least 1, and so is each factor that all its
 * terms share, because the normal form cancels those.
 */
export function positiveDivisor(divisor: Size): Prop {
  const common = commonMonomialOf(divisor);
  const one = constant(1);
  const factors = common.factors.map(({ atom }) => compare(atomSize(atom), '>=', one));
  const wholeIsOneFactor = divisor.terms.length === 1 && common.degree === 1;
  return wholeIsOneFactor ? and(...factors) : and(compare(divisor, '>=', one), ...factors);
}

/** The variables of a proposition, each once, in the order in which they occur. */
export function varsOf(prop: Prop): readonly SizeVar[] {
  const found = new Set<SizeVar>();
  for (const size of sizesOf(prop)) for (const v of varsOfSize(size)) found.add(v);
  return [...found];
}

/** Whether a variable occurs at all. */
export function hasVariables(prop: Prop): boolean {
  return sizesOf(prop).some(({ value }) => value === undefined);
}

/** The sizes that a proposition compares, in order. */
export function sizesOf(prop: Prop): readonly Size[] {
  switch (prop.kind) {
    case 'compare':
      return [prop.lhs, prop.rhs];
    case 'divides':
      return [prop.dividend, prop.divisor];
    case 'and':
    case 'or':
      return prop.props.flatMap(sizesOf);
    case 'not':
      return sizesOf(prop.prop);
    case 'known':
      return [];
  }
}

/** Replaces variables by sizes, all at once. */
export function substitute(prop: Prop, replacements: ReadonlyMap<SizeVar, Size>): Prop {
  const replaced = (size: Size): Size => substituteSize(size, replacements);
  switch (prop.kind) {
    case 'compare':
      return compare(replaced(prop.lhs), prop.op, replaced(prop.rhs));
    case 'divides':
      return divides(replaced(prop.dividend), replaced(prop.divisor));
    case 'and':
      return and(...prop.props.map((p) => substitute(p, replacements)));
    case 'or':
      return or(...prop.props.map((p) => substitute(p, replacements)));
    case 'not':
      return not(substitute(prop.prop, replacements));
    case 'known':
      return prop;
  }
}

/** Whether the proposition is true for given values. Throws a SizeError where a size of it has no value. */
export function holds(prop: Prop, valueOf: (v: SizeVar) => number): boolean {
  switch (prop.kind) {
    case 'compare':
      return compareNumbers(evaluate(prop.lhs, valueOf), prop.op, evaluate(prop.rhs, valueOf));
    case 'divides': {
      const divisor = evaluate(prop.divisor, valueOf);
      return divisor >= 1 && evaluate(prop.dividend, valueOf) % divisor === 0;
    }
    case 'and':
      return prop.props.every((p) => holds(p, valueOf));
    case 'or':
      return prop.props.some((p) => holds(p, valueOf));
    case 'not':
      return !holds(prop.prop, valueOf);
    case 'known':
      return prop.value;
  }
}

export function compareNumbers(lhs: number, op: CompareOp, rhs: number): boolean {
  switch (op) {
    case '==':
      return lhs === rhs;
    case '!=':
      return lhs !== rhs;
    case '<':
      return lhs < rhs;
    case '<=':
      return lhs <= rhs;
    case '>':
      return lhs > rhs;
    case '>=':
      return lhs >= rhs;
  }
}

const OPPOSITE: Readonly<Record<CompareOp, CompareOp>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/** The negation, pushed inwards until no `not` is left but before `divides`. */
export function negate(prop: Prop): Prop {
  switch (prop.kind) {
    case 'compare':
      return compare(prop.lhs, OPPOSITE[prop.op], prop.rhs);
    case 'divides':
      return not(prop);
    case 'and':
      return or(...prop.props.map(negate));
    case 'or':
      return and(...prop.props.map(negate));
    case 'not':
      return prop.prop;
    case 'known':
      return known(!prop.value);
  }
}

/** As a user would write it: `C % 4 == 0`, `H >= 3 and W >= 3`. */
export function print(prop: Prop, options: PrintOptions = {}): string {
  switch (prop.kind) {
    case 'compare':
      return printComparison(prop, options);
    case 'divides': {
      const { rest, remainder } = withRemainder(prop.dividend, prop.divisor);
      return `${printOperand(rest, options)} % ${printOperand(prop.divisor, options)} == ${remainder}`;
    }
    case 'and':
      return prop.props.length === 0
        ? 'true'
        : prop.props.map((p) => inBrackets(p, 'or', options)).join(' and ');
    case 'or':
      return prop.props.length === 0
        ? 'false'
        : prop.props.map((p) => inBrackets(p, 'and', options)).join(' or ');
    case 'not':
      return `not (${print(prop.prop, options)})`;
    case 'known':
      return String(prop.value);
  }
}

/** Numbers stand on the right: `C == 8`. */
function printComparison(
  { lhs, op, rhs }: Extract<Prop, { kind: 'compare' }>,
  options: PrintOptions,
): string {
  const isTurned = (op === '==' || op === '!=') && lhs.value !== undefined && rhs.value === undefined;
  const [left, right] = isTurned ? [rhs, lhs] : [lhs, rhs];
  return `${printSize(left, options)} ${op} ${printSize(right, options)}`;
}

/** What is printed before and behind `% divisor ==`: `kernel` and 1 where kernel - 1 is divided by 2. */
export function withRemainder(
  dividend: Size,
  { value: divisor }: Size,
): { readonly rest: Size; readonly remainder: number } {
  const offset = constantTerm(dividend);
  if (dividend.value !== undefined || divisor === undefined || divisor < 1) {
    return { rest: dividend, remainder: 0 };
  }
  const remainder = (divisor - (offset % divisor)) % divisor;
  return remainder === 0
    ? { rest: dividend, remainder }
    : { rest: sub(dividend, constant(offset)), remainder };
}

/** Brackets around what would be misread beside another connective. */
function inBrackets(prop: Prop, other: 'and' | 'or', options: PrintOptions): string {
  const text = print(prop, options);
  return prop.kind === other && prop.props.length > 1 ? `(${text})` : text;
}
