import { fixAt, warningAt } from '../diagnostics/diagnostic.ts';
import type { ForStmt, ListItem, Name, Statement, TensorType } from '../syntax/ast.ts';
import { apart } from '../syntax/take-row-apart.ts';
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
  const loops: ForStmt[] = [];
  for (const statement of withInner(statements)) {
    for (const expr of expressionsIn(statement)) for (const name of freeNamesOf(expr)) read.add(name.text);
    if (statement.kind === 'BindStmt') bound.push(statement.targets);
    if (statement.kind === 'ForStmt') loops.push(statement);
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
  for (const loop of loops) warnOfUnreadPair(cx, loop, read);
}

/** `for (to, count) in [(64, 1), (128, 2)]` with a body that reads `to` alone: as in Python, half of the pair was meant. */
function warnOfUnreadPair(cx: Context, { index, element, range }: ForStmt, read: ReadonlySet<string>): void {
  if (index === undefined || !read.has(index.text)) return;
  if (read.has(element.text) || element.text.startsWith('_')) return;
  const isPair = ({ value }: ListItem): boolean => value.kind === 'TupleExpr' && value.items.length === 2;
  if (range.kind !== 'ListLiteral' || !range.items.every(isPair)) return;
  const names = [index.text, element.text];
  const message = `\`${element.text}\`, the whole row, is never read, and \`${index.text}\` counts the turns`;
  const help = `to take rows apart, write \`for row in ...\` and \`${apart(names)}\`; if the number is meant, call the row \`_${element.text}\``;
  cx.report(warningAt('N3013', element.span, message, { help }));
}

function addNamesIn({ axes }: TensorType, names: Set<string>): void {
  for (const axis of axes) {
    names.add(axis.name.text);
    if (axis.kind !== 'NamedAxis' || axis.size === undefined) continue;
    for (const name of freeNamesOf(axis.size)) names.add(name.text);
  }
}
