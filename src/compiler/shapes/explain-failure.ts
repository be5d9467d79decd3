/** Why a proposition fails for some values: the numbers put in and worked out, as one would on paper. */
import type { Size, SizeVar } from './polynomial.ts';
import { print } from './print-size.ts';
import type { Prop } from './prop.ts';
import { holds, withRemainder } from './prop.ts';
import { evaluate, mod } from './size.ts';

/** `5 - 7 + 1 = -1 is not >= 1`, `15 / 2 is not exact`; nothing where the values say all there is to say. */
export function explainFailure(prop: Prop, values: ReadonlyMap<SizeVar, number>): string | undefined {
  const valueOf = (v: SizeVar): number => values.get(v) ?? 0;
  switch (prop.kind) {
    case 'compare':
      return explainComparison(prop, workedOut(prop.lhs, valueOf), workedOut(prop.rhs, valueOf));
    case 'divides': {
      const divisor = workedOut(prop.divisor, valueOf);
      if (divisor.value < 1) return `${divisor.text} is not >= 1`;
      const { rest, remainder } = withRemainder(prop.dividend, prop.divisor);
      const dividend = workedOut(rest, valueOf);
      const worked = [dividend, divisor].filter(({ isPlain }) => !isPlain).map(({ text }) => `${text}, and `);
      if (remainder !== 0) {
        const left = evaluate(mod(rest, prop.divisor), valueOf);
        return `${worked.join('')}${operand(dividend.value)} % ${divisor.value} = ${left}`;
      }
      return `${worked.join('')}${operand(dividend.value)} / ${divisor.value} is not exact`;
    }
    case 'and': {
      const failing = prop.props.find((part) => !holds(part, valueOf));
      return failing && explainFailure(failing, values);
    }
    case 'or': {
      const parts = prop.props.map((part) => explainFailure(part, values));
      return parts.some((part) => part === undefined) ? undefined : parts.join(', and ');
    }
    case 'not':
    case 'known':
      return undefined;
  }
}

interface WorkedOut {
  readonly value: number;
  /** `2 * 7 + 1 = 15`, or the number alone where there was nothing to work out. */
  readonly text: string;
  readonly isPlain: boolean;
}

function workedOut(size: Size, valueOf: (v: SizeVar) => number): WorkedOut {
  const value = evaluate(size, valueOf);
  const formula = print(size, { nameOf: (v) => operand(valueOf(v)) });
  const isPlain = formula === operand(value) || formula === String(value);
  return { value, text: isPlain ? String(value) : `${formula} = ${value}`, isPlain };
}

/** A number where a name may stand: a negative one would lean on what is before it. */
function operand(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

function explainComparison(
  { op, rhs }: Extract<Prop, { kind: 'compare' }>,
  left: WorkedOut,
  right: WorkedOut,
): string | undefined {
  if (left.isPlain && right.isPlain) return undefined;
  if (op === '==' && rhs.value !== undefined) return `${left.text}, not ${right.text}`;
  if (op === '==') return `${left.text} on one side, ${right.text} on the other`;
  return `${left.text} is not ${op} ${right.text}`;
}
