import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { BindStmt, Statement } from '../syntax/ast.ts';
import { axisNamesIn } from '../syntax/walk.ts';
import { assignedIn, isOwnName } from './carried.ts';
import type { Context } from './context.ts';
import { freeNamesOf, withParts } from './expression-parts.ts';
import { FreshNames } from './fresh-names.ts';
import { makerOf } from './instance-count.ts';
import { lineBetween, nameGiven, type StatementPlace } from './place-of.ts';
import { expressionsIn, withInner } from './statement-parts.ts';

/** Makes those who read a binding read another name; undefined where that cannot be said of all of them. */
type Redirect = ((to: string) => readonly Edit[]) | undefined;

/**
 * The fix of a name that is bound anew to what has weights, as in `x = x |> conv(...)`, `x = x |> conv(...)`: but for one
 * of them these bind names of their own. It is the last that keeps the name, if the others can be read under new ones.
 */
export function rebindApart(cx: Context, name: string, one: StatementPlace, other: StatementPlace): Fix {
  const { declaration, list } = other;
  const isSure = !axisNamesIn(declaration).has(name);
  const isWhole = list === declaration.body.statements;
  const redirect = (statement: Statement): Redirect =>
    isSure ? readersBehind(list.slice(list.indexOf(statement) + 1), name, isWhole) : undefined;
  const bindings = bindingsFrom(cx, name, one, other).map((statement) => ({
    statement,
    to: redirect(statement),
  }));
  // Of two in different bodies the first may be in several branches, which the second has to differ from.
  const kept =
    one.list === list ? (bindings.find(({ to }) => to === undefined) ?? bindings.at(-1)) : undefined;
  const fresh = new FreshNames(cx, declaration);
  const names: string[] = [];
  const edits: Edit[] = [];
  for (const binding of bindings) {
    const { statement, to } = binding;
    const [target] = statement.targets;
    if (binding === kept || target === undefined) continue;
    const own = fresh.like(name);
    names.push(`\`${own}\``);
    const after = `${lineBetween(cx.module.source.text, statement)}${name} = ${own}`;
    edits.push(
      { span: target.span, text: own },
      ...(to === undefined ? [{ span: statement.span.after, text: after }] : to(own)),
    );
  }
  const what = names.length === 1 ? 'one of them' : 'all but one';
  return { title: `Call ${what} ${names.join(', ')}`, edits };
}

/** The statements of a body that bind a name to something with weights, from the one on that clashed; else the other alone. */
function bindingsFrom(
  cx: Context,
  name: string,
  one: StatementPlace,
  { list, statement: last }: StatementPlace,
): readonly BindStmt[] {
  const from = one.list === list ? list.indexOf(one.statement) : list.indexOf(last);
  const isMeant = (statement: Statement): boolean =>
    statement === last || statement === one.statement || (one.list === list && makesInstances(cx, statement));
  return list
    .slice(from)
    .filter(
      (statement): statement is BindStmt =>
        statement.kind === 'BindStmt' && nameGiven(statement) === name && isMeant(statement),
    );
}

function makesInstances(cx: Context, statement: Statement): boolean {
  return expressionsIn(statement)
    .flatMap(withParts)
    .some((part) => {
      const maker = makerOf(part);
      return maker !== undefined && cx.checker.instanceCounter.makesParameters(cx.scope, cx.module, maker);
    });
}

/** What reads a binding: the statements behind it up to the next that binds the name, in the same body. */
function readersBehind(statements: readonly Statement[], name: string, isWhole: boolean): Redirect {
  const edits: ((to: string) => Edit)[] = [];
  const redirect = (to: string): readonly Edit[] => edits.map((edit) => edit(to));
  for (const statement of statements) {
    const inner = [...withInner([statement])];
    for (const read of inner.flatMap(expressionsIn).flatMap(freeNamesOf))
      if (read.text === name) edits.push((text) => ({ span: read.span, text }));
    if (statement.kind === 'OutputStmt' && statement.name.text === name) {
      const { name: output, value } = statement;
      if (value === undefined) edits.push((to) => ({ span: output.span.after, text: ` = ${to}` }));
      return redirect;
    }
    if (statement.kind === 'BindStmt') {
      if (statement.targets.some(({ text }) => text === name)) return redirect;
    } else if (assignedIn([statement]).has(name) || inner.some((one) => bindsOtherwise(one, name))) {
      return undefined;
    }
  }
  return isWhole ? redirect : undefined;
}

/** Whether a loop or a parameter has the name. */
function bindsOtherwise(statement: Statement, name: string): boolean {
  if (statement.kind === 'ForStmt') return isOwnName(statement, name);
  return statement.kind === 'ParamStmt' && statement.name.text === name;
}
