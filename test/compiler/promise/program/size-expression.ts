/**
 * The size of an axis as this generator reckons it, apart from the compiler: what is written in the program, and its
 * value once the variables are numbers.
 */
export type SizeExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: string }
  | {
      readonly kind: '+' | '-' | '*' | '/' | '%' | 'floordiv' | 'ceildiv';
      readonly left: SizeExpression;
      readonly right: SizeExpression;
    }
  /** What a loop has made of a size without rule: it has a value, and nothing that could be written for it. */
  | {
      readonly kind: 'opaque';
      readonly start: SizeExpression;
      readonly turns: SizeExpression;
      readonly turn: Turn;
    };

/** What each turn of a loop does to a size. */
type Turn = (size: number) => number;

/** Numbers for the variables of a signature. */
export type Sizes = ReadonlyMap<string, number>;

export function numeral(value: number): SizeExpression {
  return { kind: 'number', value };
}

export function variable(name: string): SizeExpression {
  return { kind: 'variable', name };
}

export function plus(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: '+', left, right };
}

export function minus(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: '-', left, right };
}

export function times(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: '*', left, right };
}

/** Exact; a condition has to say that it is. */
export function dividedBy(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: '/', left, right };
}

export function remainder(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: '%', left, right };
}

export function floorDivided(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: 'floordiv', left, right };
}

export function ceilDivided(left: SizeExpression, right: SizeExpression): SizeExpression {
  return { kind: 'ceildiv', left, right };
}

export function opaque(start: SizeExpression, turns: SizeExpression, turn: Turn): SizeExpression {
  return { kind: 'opaque', start, turns, turn };
}

/** As the language writes it. */
export function print(e: SizeExpression): string {
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'variable':
      return e.name;
    case 'floordiv':
    case 'ceildiv':
      return `${e.kind}(${print(e.left)}, ${print(e.right)})`;
    case 'opaque':
      throw new Error('an opaque size cannot be written');
    default:
      return `${operand(e.left)} ${e.kind} ${operand(e.right)}`;
  }
}

function operand(e: SizeExpression): string {
  return 'left' in e && e.kind !== 'floordiv' && e.kind !== 'ceildiv' ? `(${print(e)})` : print(e);
}

/** Its value; where the numbers are not admissible, any number or NaN. */
export function evaluate(e: SizeExpression, sizes: Sizes): number {
  switch (e.kind) {
    case 'number':
      return e.value;
    case 'variable':
      return sizes.get(e.name) ?? NaN;
    case 'opaque': {
      let size = evaluate(e.start, sizes);
      const turns = evaluate(e.turns, sizes);
      for (let i = 0; i < turns; i++) size = e.turn(size);
      return size;
    }
    default:
      return calculate(e.kind, evaluate(e.left, sizes), evaluate(e.right, sizes));
  }
}

function calculate(kind: '+' | '-' | '*' | '/' | '%' | 'floordiv' | 'ceildiv', a: number, b: number): number {
  switch (kind) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - b * Math.floor(a / b);
    case 'floordiv':
      return Math.floor(a / b);
    case 'ceildiv':
      return Math.ceil(a / b);
  }
}

/** Replaces variables, as a call does with the signature of what it calls. */
export function substitute(e: SizeExpression, actual: ReadonlyMap<string, SizeExpression>): SizeExpression {
  switch (e.kind) {
    case 'number':
      return e;
    case 'variable':
      return actual.get(e.name) ?? e;
    case 'opaque':
      return { ...e, start: substitute(e.start, actual), turns: substitute(e.turns, actual) };
    default:
      return { ...e, left: substitute(e.left, actual), right: substitute(e.right, actual) };
  }
}

export function variablesOf(e: SizeExpression): readonly string[] {
  switch (e.kind) {
    case 'number':
      return [];
    case 'variable':
      return [e.name];
    case 'opaque':
      return [...variablesOf(e.start), ...variablesOf(e.turns)];
    default:
      return [...variablesOf(e.left), ...variablesOf(e.right)];
  }
}

/** Whether something of it is opaque, so that it cannot be written. */
export function isOpaque(e: SizeExpression): boolean {
  return e.kind === 'opaque' || ('left' in e && (isOpaque(e.left) || isOpaque(e.right)));
}

/** Whether two are written alike; others may still have equal values. */
export function isSame(a: SizeExpression, b: SizeExpression): boolean {
  return a === b || (!isOpaque(a) && !isOpaque(b) && print(a) === print(b));
}
