import type { Fix } from '../diagnostics/diagnostic.ts';
import { apart, takeRowApart } from '../syntax/take-row-apart.ts';
import type { Expr, ForStmt } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import { assignedIn, isOwnName } from './carried.ts';
import type { Context } from './context.ts';
import { partsOf, withParts } from './expression-parts.ts';
import { expressionsIn, withInner } from './statement-parts.ts';
import type { Val } from './value.ts';

/** A loop up to the parenthesis behind its two names, with no comment on the way. */
const head = /^for\s*(\([^)/]*\))/;

/** Who counts turns calls the number so, and then means it. */
const counters = /^(_.*|[ijkn]|index|turn)$/;

/**
 * Complains of a loop that was meant to take rows apart, as Python's does: `for (to, count) in [(64, 1), (128, 2)]`, where
 * `to` is the number of the turn and `count` a pair. That is sure where the body uses the pair as one value, and never as a
 * pair. Said once at the loop, since what the body does with the number of the turn would be misleading.
 */
export function complainOfRowAsValue(cx: Context, loop: ForStmt, rows: readonly Val[]): boolean {
  const { index, element, range } = loop;
  if (index === undefined || counters.test(index.text)) return false;
  if (rows.length === 0 || !rows.every(isPairOfNumbers) || !isUsedAsOneValue(loop)) return false;
  const names = [index.text, element.text];
  const fix = fixFor(cx, loop, names);
  const message = `\`${index.text}\` counts the turns here, and \`${element.text}\` is the whole row, 2 values, which the body uses as one`;
  const list = range.kind === 'NameExpr' ? range.name.text : '...';
  cx.error('N3008', index.span.upTo(element.span), message, {
    help: `a loop takes no row apart; its body does: \`for row in ${list}\`, then \`${apart(names)}\``,
    ...(fix === undefined ? {} : { fix }),
  });
  return true;
}

function fixFor(cx: Context, loop: ForStmt, names: readonly string[]): Fix | undefined {
  const { span, range, body } = loop;
  const { text } = cx.module.source;
  const [whole, heads] = head.exec(text.slice(span.start, range.span.start)) ?? [];
  if (whole === undefined || heads === undefined) return undefined;
  const end = span.start + whole.length;
  const inside = body.span.start + 1;
  const taken = namesOf(loop);
  return takeRowApart(
    {
      text,
      start: span.start,
      body: inside,
      heads: span.elsewhere(end - heads.length, end),
      inside: body.span.elsewhere(inside, inside),
    },
    names,
    (name) => taken.has(name) || cx.scope.lookup(name) !== undefined,
  );
}

function isPairOfNumbers(row: Val): boolean {
  const isNumber = ({ kind }: Val): boolean => kind === 'int' || kind === 'float';
  return row.kind === 'tuple' && row.items.length === 2 && row.items.every(isNumber);
}

/** Whether the element is read, and everywhere so that several values cannot be meant. */
function isUsedAsOneValue({ element, body }: ForStmt): boolean {
  const inner = [...withInner(body.statements)];
  const isBoundAnew = inner.some(
    (statement) => statement.kind === 'ForStmt' && isOwnName(statement, element.text),
  );
  if (isBoundAnew || assignedIn(body.statements).has(element.text)) return false;
  const isElement = (expr: Expr): boolean => expr.kind === 'NameExpr' && expr.name.text === element.text;
  const parts = inner.flatMap(expressionsIn).flatMap(withParts);
  const all = parts.filter(isElement);
  return all.length > 0 && parts.flatMap(singlePartsOf).filter(isElement).length === all.length;
}

/** Of the parts of an expression those that several numbers cannot stand for. */
function singlePartsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'UnaryExpr':
    case 'RangeExpr':
      return partsOf(expr);
    case 'BinaryExpr':
      return expr.operator === '++' ? [] : partsOf(expr);
    case 'CallExpr':
      return partsOf(expr).slice(1);
    case 'IndexExpr':
      return [expr.index];
    case 'ListLiteral':
      return expr.items.flatMap(({ key, value }) => (key === undefined ? [] : [value]));
    case 'NameExpr':
    case 'NumberLiteral':
    case 'StringLiteral':
    case 'BoolLiteral':
    case 'PipeExpr':
    case 'TupleExpr':
    case 'ErrorExpr':
      return [];
  }
}
