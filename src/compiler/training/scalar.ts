/**
 * A number that is the same for all parameters in one step, as an expression over the learning rate and the number of
 * the step. Whoever runs a step computes it in float64 and hands it over: in the graph's float32, 1 - beta2^step would
 * be off by 1e-5 in the first steps of Adam.
 */
export type Scalar =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'rate' }
  | { readonly kind: 'step' }
  | {
      readonly kind: 'binary';
      readonly operator: ScalarOperator;
      readonly left: Scalar;
      readonly right: Scalar;
    }
  | { readonly kind: 'sqrt'; readonly of: Scalar };

export type ScalarOperator = '+' | '-' | '*' | '/' | '**';

export interface StepNumbers {
  readonly rate: number;
  /** From 1. */
  readonly step: number;
}

export function evaluateScalar(scalar: Scalar, numbers: StepNumbers): number {
  switch (scalar.kind) {
    case 'number':
      return scalar.value;
    case 'rate':
      return numbers.rate;
    case 'step':
      return numbers.step;
    case 'sqrt':
      return Math.sqrt(evaluateScalar(scalar.of, numbers));
    case 'binary':
      return apply(
        scalar.operator,
        evaluateScalar(scalar.left, numbers),
        evaluateScalar(scalar.right, numbers),
      );
  }
}

function apply(operator: ScalarOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '**':
      return left ** right;
  }
}

/** `left operator right`, or its value where it depends on nothing. */
export function binaryScalar(operator: ScalarOperator, left: Scalar, right: Scalar): Scalar {
  if (left.kind === 'number' && right.kind === 'number') {
    return { kind: 'number', value: apply(operator, left.value, right.value) };
  }
  return { kind: 'binary', operator, left, right };
}

export function sqrtScalar(of: Scalar): Scalar {
  return of.kind === 'number' ? { kind: 'number', value: Math.sqrt(of.value) } : { kind: 'sqrt', of };
}

/** As an expression of JavaScript over `rate` and `step`. */
export function printScalar(scalar: Scalar): string {
  switch (scalar.kind) {
    case 'number':
      return String(scalar.value);
    case 'rate':
    case 'step':
      return scalar.kind;
    case 'sqrt':
      return `Math.sqrt(${printScalar(scalar.of)})`;
    case 'binary': {
      const side = (part: Scalar): string =>
        part.kind === 'binary' || (part.kind === 'number' && part.value < 0)
          ? `(${printScalar(part)})`
          : printScalar(part);
      return `${side(scalar.left)} ${scalar.operator} ${side(scalar.right)}`;
    }
  }
}
