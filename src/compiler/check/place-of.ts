import { indentAt, lineEndOf } from '../source/line-end.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, Body, Expr, IfStmt, ModelDecl, Statement } from '../syntax/ast.ts';
import type { Context } from './context.ts';

/** Where a statement stands: in which declaration, and among which others. */
export interface StatementPlace {
  readonly declaration: BlockDecl | ModelDecl;
  readonly list: readonly Statement[];
  readonly statement: Statement;
}

/** The innermost statement around a place of the file at hand; undefined outside of bodies. */
export function placeOf(cx: Context, span: Span): StatementPlace | undefined {
  for (const declaration of cx.module.unit.declarations) {
    if (declaration.kind !== 'BlockDecl' && declaration.kind !== 'ModelDecl') continue;
    if (!declaration.body.span.encloses(span)) continue;
    let list: readonly Statement[] | undefined = declaration.body.statements;
    let place: StatementPlace | undefined;
    while (list !== undefined) {
      const statement: Statement | undefined = list.find((one) => one.span.encloses(span));
      if (statement === undefined) break;
      place = { declaration, list, statement };
      list = bodiesOf(statement).find((body) => body.span.encloses(span))?.statements;
    }
    return place;
  }
  return undefined;
}

/** The bodies of a loop, and of all branches of an `if`. */
function bodiesOf(statement: Statement): readonly Body[] {
  if (statement.kind === 'ForStmt') return [statement.body];
  const bodies: Body[] = [];
  let branch: Statement | Body | undefined = statement;
  while (branch?.kind === 'IfStmt') {
    const { then, otherwise }: IfStmt = branch;
    bodies.push(then);
    branch = otherwise;
  }
  if (branch?.kind === 'Body') bodies.push(branch);
  return bodies;
}

/** What a statement makes; undefined for one that holds others, or whose expression is no tensor. */
export function valueOf(statement: Statement): Expr | undefined {
  return statement.kind === 'BindStmt' || statement.kind === 'ReturnStmt' || statement.kind === 'OutputStmt'
    ? statement.value
    : undefined;
}

/** The one name that a statement gives to what it makes. */
export function nameGiven(statement: Statement): string | undefined {
  if (statement.kind === 'OutputStmt') return statement.name.text;
  return statement.kind === 'BindStmt' && !statement.tuple ? statement.targets[0]?.text : undefined;
}

/** What comes between a statement and one that is put before or behind it: the end of a line, and blanks. */
export function lineBetween(text: string, { span }: Statement): string {
  const indent = indentAt(text, span.start);
  const isFirst = /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', span.start - 1) + 1, span.start));
  return `${lineEndOf(text)}${indent}${isFirst ? '' : '  '}`;
}
