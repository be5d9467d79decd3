import { fixAt, warningAt } from '../diagnostics/diagnostic.ts';
import type { Name, Statement, TensorType } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { freeNamesOf } from './expression-parts.ts';
import { expressionsIn, withInner } from './statement-parts.ts';

/**
 * Warns of names that are bound and never read (N3013); one that begins with `_` says that this is meant. A value that
 * is replaced before anybody reads it is not found.
 */
export function warnOfUnused(cx: Context, statements: readonly Statement[]): void {
  const read = new Set<string>();
  /** What each statement binds; of several values, as of a backbone's stages, one that is read will do. */
  const bound: (readonly Name[])[] = [];
  for (const statement of withInner(statements)) {
    for (const expr of expressionsIn(statement)) for (const name of freeNamesOf(expr)) read.add(name.text);
    if (statement.kind === 'BindStmt') bound.push(statement.targets);
    if (statement.kind === 'ParamStmt') bound.push([statement.name]);
    if (statement.kind === 'ParamStmt' || statement.kind === 'InputStmt') addNamesIn(statement.type, read);
    if (statement.kind === 'OutputStmt' && statement.value === undefined) read.add(statement.name.text);
  }
  for (const names of bound) {
    const [first] = names;
    if (first === undefined || names.some(({ text }) => read.has(text) || text.startsWith('_'))) continue;
    const { text, span } = first;
    const help = `remove it, or call it \`_${text}\` if that is meant`;
    const fix = fixAt(`Call it \`_${text}\``, span.before, '_');
    cx.report(warningAt('N3013', span, `\`${text}\` is never read`, { help, fix }));
  }
}

function addNamesIn({ axes }: TensorType, names: Set<string>): void {
  for (const axis of axes) {
    names.add(axis.name.text);
    if (axis.kind !== 'NamedAxis' || axis.size === undefined) continue;
    for (const name of freeNamesOf(axis.size)) names.add(name.text);
  }
}
