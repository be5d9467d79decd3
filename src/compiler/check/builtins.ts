import { ceilDiv, floorDiv, type Size } from '../shapes/size.ts';
import type { CallExpr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { demandDivisor } from './demands.ts';
import { evalSize } from './evaluate-as.ts';
import { POISON, type Builtin, type Val } from './value.ts';

const divisions: Readonly<Record<Builtin, (a: Size, b: Size) => Size>> = {
  floordiv: floorDiv,
  ceildiv: ceilDiv,
};

/** `floordiv(a, b)` and `ceildiv(a, b)`: division rounded down and up. */
export function callBuiltin(cx: Context, name: Builtin, expr: CallExpr): Val {
  const [a, b, more] = expr.args;
  if (
    a === undefined ||
    b === undefined ||
    more !== undefined ||
    expr.args.some((arg) => arg.name ?? arg.to)
  ) {
    cx.error('N3008', expr.span, `\`${name}\` takes two integers, as in \`${name}(H, 2)\``);
    return POISON;
  }
  const dividend = evalSize(cx, a.value);
  const divisor = evalSize(cx, b.value);
  if (dividend === undefined || divisor === undefined) return POISON;
  if (!demandDivisor(cx, divisor, b.span)) return POISON;
  return { kind: 'int', size: divisions[name](dividend, divisor) };
}
