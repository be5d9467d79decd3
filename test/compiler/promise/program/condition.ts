import {
  evaluate,
  isOpaque,
  numeral,
  print as printSize,
  remainder,
  substitute as substituteSize,
  variablesOf as variablesOfSize,
  type SizeExpression,
  type Sizes,
} from './size-expression.ts';

/** What must hold of the sizes of a signature. */
export interface Condition {
  readonly left: SizeExpression;
  readonly operator: '>=' | '>' | '==';
  readonly right: SizeExpression;
}

export function atLeast(size: SizeExpression, least: SizeExpression | number): Condition {
  return { left: size, operator: '>=', right: typeof least === 'number' ? numeral(least) : least };
}

export function above(size: SizeExpression, limit: SizeExpression): Condition {
  return { left: size, operator: '>', right: limit };
}

export function equal(left: SizeExpression, right: SizeExpression): Condition {
  return { left, operator: '==', right };
}

export function divisible(size: SizeExpression, divisor: SizeExpression): Condition {
  return equal(remainder(size, divisor), numeral(0));
}

export function print({ left, operator, right }: Condition): string {
  return `${printSize(left)} ${operator} ${printSize(right)}`;
}

export function holds({ left, operator, right }: Condition, sizes: Sizes): boolean {
  const [a, b] = [evaluate(left, sizes), evaluate(right, sizes)];
  switch (operator) {
    case '>=':
      return a >= b;
    case '>':
      return a > b;
    case '==':
      return a === b;
  }
}

export function substitute(
  { left, operator, right }: Condition,
  actual: ReadonlyMap<string, SizeExpression>,
): Condition {
  return { left: substituteSize(left, actual), operator, right: substituteSize(right, actual) };
}

export function variablesOf({ left, right }: Condition): readonly string[] {
  return [...variablesOfSize(left), ...variablesOfSize(right)];
}

export function canBeWritten({ left, right }: Condition): boolean {
  return !isOpaque(left) && !isOpaque(right);
}
