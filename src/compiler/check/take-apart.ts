import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import { surfaceOps } from '../ops/registry.ts';
import { applyEdits, textEdit } from '../source/text-edit.ts';
import type { Span } from '../source/span.ts';
import type { BinaryExpr, CallExpr, Expr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { partsOf } from './expression-parts.ts';
import { FreshNames } from './fresh-names.ts';
import { lineBetween, nameGiven, valueOf, type StatementPlace } from './place-of.ts';

/** A part of an expression that gets a statement of its own, and those inside of it that do. */
interface Part {
  readonly expr: Expr;
  readonly inner: readonly Part[];
}

/**
 * The fix of a statement that makes several instances of one callee: parts of its expression get statements and names of
 * their own, as few as will do. `y = x |> conv(...) |> relu |> conv(...)` becomes `y1 = x |> conv(...) |> relu` and
 * `y = y1 |> conv(...)`.
 */
export function takeApart(cx: Context, place: StatementPlace, callee: string): Fix | undefined {
  const { declaration, statement } = place;
  const value = valueOf(statement);
  const parts = value === undefined ? [] : remains(cx, value).parts;
  if (parts.length === 0) return undefined;
  const fresh = new FreshNames(cx, declaration);
  const { text } = cx.module.source;
  const newLine = lineBetween(text, statement);
  const names: string[] = [];
  let before = '';
  /** Gives parts their statements, the inner ones first, and leaves names in their places. */
  const bind = (some: readonly Part[]): readonly Edit[] =>
    some.map(({ expr, inner }) => {
      const bound = withoutParentheses(expr, textWith(text, expr.span, bind(inner)));
      const name = fresh.like(nameGiven(statement) ?? callee);
      names.push(name);
      before += `${onOneLine(`${name} = ${bound}`, newLine)}${newLine}`;
      return { span: expr.span, text: name };
    });
  const edits = bind(parts);
  const rest = textWith(text, statement.span, edits);
  const title = `Bind parts of it to ${names.map((name) => `\`${name}\``).join(', ')}`;
  return text.slice(statement.span.start, statement.span.end).includes('\n')
    ? { title, edits: [{ span: statement.span, text: before + onOneLine(rest, newLine) }] }
    : { title, edits: [{ span: statement.span.before, text: before }, ...edits] };
}

/** What is left in one statement of an expression: the callees of its instances with parameters, each once. */
interface Remains {
  readonly callees: ReadonlySet<string>;
  readonly parts: readonly Part[];
}

const NOTHING: Remains = { callees: new Set(), parts: [] };

function remains(cx: Context, expr: Expr): Remains {
  switch (expr.kind) {
    case 'PipeExpr':
      return together(cx, [expr.value], calleeOf(cx, expr.stage));
    case 'CallExpr': {
      const own = calleeOf(cx, expr.callee);
      return isGivenHypers(expr, own) ? own : together(cx, expr.args.map(({ value }) => value), own); // prettier-ignore
    }
    case 'BinaryExpr':
      return together(cx, operandsOf(expr));
    default:
      return together(cx, partsOf(expr));
  }
}

/** What is called, or a stage of a pipe: a name may stand for what it makes. */
function calleeOf(cx: Context, expr: Expr): Remains {
  if (expr.kind !== 'NameExpr') return remains(cx, expr);
  const { text } = expr.name;
  const makes = cx.checker.instanceCounter.makesParameters(cx.scope, cx.module, text);
  return makes ? { callees: new Set([text]), parts: [] } : NOTHING;
}

/** What a block is given where it is instantiated makes no instances there. */
function isGivenHypers({ callee }: CallExpr, { callees }: Remains): boolean {
  return callee.kind === 'NameExpr' && callees.size > 0 && !surfaceOps.has(callee.name.text);
}

/** The operands of a chain such as `a + b + c`, which nests to the left. */
function operandsOf({ left, right }: BinaryExpr): readonly Expr[] {
  return [...(left.kind === 'BinaryExpr' ? operandsOf(left) : [left]), right];
}

/** Expressions that stand side by side, or under something: those that share a callee with others become parts. */
function together(cx: Context, exprs: readonly Expr[], own = NOTHING): Remains {
  const all = exprs.map((expr) => ({ expr, left: remains(cx, expr) }));
  const counts = new Map<string, number>();
  for (const { callees } of [own, ...all.map(({ left }) => left)])
    for (const callee of callees) counts.set(callee, (counts.get(callee) ?? 0) + 1);
  const callees = new Set(own.callees);
  const parts = [...own.parts];
  for (const { expr, left } of all) {
    if ([...left.callees].some((callee) => (counts.get(callee) ?? 0) > 1)) {
      parts.push({ expr, inner: left.parts });
      continue;
    }
    for (const callee of left.callees) callees.add(callee);
    parts.push(...left.parts);
  }
  return { callees, parts };
}

// ---------------------------------------------------------------- text

/** The text of a place with some edits of it. */
function textWith(text: string, { start, end }: Span, edits: readonly Edit[]): string {
  const within = edits
    .map(textEdit)
    .map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return applyEdits(text.slice(start, end), within);
}

/** The text of an expression that stands alone, where it was put into parentheses among others. */
function withoutParentheses(expr: Expr, text: string): string {
  const [first] = partsOf(expr);
  const isGroup = expr.kind !== 'TupleExpr' && first !== undefined && expr.span.start < first.span.start;
  return isGroup && text.startsWith('(') && !text.includes('//') ? text.slice(1, -1).trim() : text;
}

/** Lines are at most so long, as the formatter has them. */
const lineLength = 110;

/** A statement of several lines on one, if there is room now; a comment would swallow what follows it. */
function onOneLine(text: string, newLine: string): string {
  const joined = text
    .replace(/(?<=[[(])\s*\n\s*/g, '')
    .replace(/,?\s*\n\s*(?=[\])])/g, '')
    .replace(/\s*\n\s*/g, ' ');
  const hasRoom = newLine.replace(/^\r?\n/, '').length + joined.length <= lineLength;
  return hasRoom && !text.includes('//') ? joined : text;
}
