import type { Prop } from '../shapes/prop.ts';
import type { Size } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { describe, type Val } from './value.ts';

/** What to do about several values where one belongs. */
export const takeApartFirst =
  'take it apart first: `(a, b) = pair`; in `for (i, x) in list`, i counts the turns';

/** An expression that must be an integer; undefined after a complaint. */
export function evalSize(cx: Context, expr: Expr): Size | undefined {
  const val = cx.evaluate(expr);
  return toSize(cx, val, expr.span);
}

export function toSize(cx: Context, val: Val, span: Span): Size | undefined {
  if (val.kind === 'int') return val.size;
  if (val.kind === 'labels') return val.count;
  if (val.kind === 'poison') return undefined;
  const help =
    val.kind === 'float' && val.value !== undefined && Number.isInteger(val.value)
      ? { help: `write ${val.value}` }
      : val.kind === 'float'
        ? { help: 'sizes are integers: give it as an `int`, or a ratio as `floordiv(C * 3, 2)`' }
        : val.kind === 'tuple' || val.kind === 'items'
          ? { help: takeApartFirst }
          : {};
  return cx.error('N3005', span, `a size is expected here, not ${describe(val)}`, help);
}

/** An expression that must be a condition. */
export function evalCondition(cx: Context, expr: Expr): Prop | undefined {
  const val = cx.evaluate(expr);
  if (val.kind === 'bool') return val.prop;
  if (val.kind === 'poison') return undefined;
  if (val.kind === 'tensor') {
    return cx.error(
      'N3012',
      expr.span,
      'a condition is settled when the program is compiled, and a tensor is not known then',
      { help: 'to choose element by element, use `select(x > 0, a, b)`' },
    );
  }
  return cx.error('N3005', expr.span, `a condition is expected here, not ${describe(val)}`);
}
