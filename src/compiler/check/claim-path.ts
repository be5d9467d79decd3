import type { Fix } from '../diagnostics/diagnostic.ts';
import type { Path } from '../ir/module.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { nameInstance } from './name-instance.ts';
import { isTurn, printPath } from './path-table.ts';
import { placeOf, type StatementPlace } from './place-of.ts';
import { rebindApart } from './rebind-apart.ts';
import { takeApart } from './take-apart.ts';

/** Takes a path for a parameterised instance, or complains that it is taken. */
export function claimPath(cx: Context, path: Path, span: Span, isBlock: boolean): boolean {
  const first = cx.takePath(path, span, isBlock);
  if (first === undefined) return true;
  const printed = printPath(path);
  const [one, other] = [placeOf(cx, first), placeOf(cx, span)];
  const mistake = one && other ? mistakeOf(one, other) : `${printed} ${first.start}`;
  if (!cx.isNewClash(mistake)) return false;
  const callee = calleeOf(path);
  const fix = one && other && cx.fixOfClash(mistake, () => fixFor(cx, one, other, span, callee));
  // Of `(a, b) = Two()(x)`, too, whose names are those of what it returns.
  const example = cx.naming.binding === undefined ? `, as in \`first = ${callee}(...)\`` : '';
  cx.error('N5001', span, `two instances would keep their parameters under \`${printed}\``, {
    related: [{ span: first, message: 'the other one is made here' }],
    help: `bind each of them to a name of its own${example}: the parameters are named after it`,
    ...(fix === undefined ? {} : { fix }),
  });
  return false;
}

/** The last name of a path, behind which turns may follow. */
function calleeOf(path: Path): string {
  return path.reduce<string>((name, part) => (typeof part !== 'string' || isTurn(part) ? name : part), '');
}

/** Clashes that one change of the source mends are one mistake: all those within a statement, and those of names bound anew. */
function mistakeOf(one: StatementPlace, other: StatementPlace): string {
  const [place, start] = [other.statement.span.start, other.list[0]?.span.start];
  if (one.statement === other.statement) return `in ${place}`;
  const name = nameBound(other);
  return name !== undefined && one.list === other.list ? `${name} from ${start}` : `at ${place}`;
}

function fixFor(
  cx: Context,
  one: StatementPlace,
  other: StatementPlace,
  span: Span,
  callee: string,
): Fix | undefined {
  const name = nameBound(other);
  if (one.statement === other.statement) return takeApart(cx, other, callee) ?? nameInstance(cx, other, span);
  if (name !== undefined && nameBound(one) === name) return rebindApart(cx, name, one, other);
  return nameInstance(cx, other, span);
}

/** The one name that a statement binds. */
function nameBound({ statement }: StatementPlace): string | undefined {
  return statement.kind === 'BindStmt' && !statement.tuple ? statement.targets[0]?.text : undefined;
}
