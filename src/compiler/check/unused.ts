import { warningAt } from '../diagnostics/diagnostic.ts';
import type { Expr, Name, Statement, TensorType } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { freeNamesOf } from './expression-parts.ts';

/**
 * Warns of names that are bound and never read (N3013); one that begins with `_` says that this is meant. A value that
 * is replaced before anybody reads it is not found.
 */
export function warnOfUnused(cx: Context, statements: readonly Statement[]): void {
  /** What each statement binds; of several values, as of a backbone's stages, one that is read will do. */
  const bound: (readonly Name[])[] = [];
  const read = new Set<string>();
  const reads = (...expressions: readonly (Expr | undefined)[]): void => {
    for (const expr of expressions)
      if (expr !== undefined) for (const name of freeNamesOf(expr)) read.add(name.text);
  };
  const readsType = ({ axes }: TensorType): void => {
    for (const axis of axes) {
      read.add(axis.name.text);
      if (axis.kind === 'NamedAxis') reads(axis.size);
    }
  };
  const pending = [...statements];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case 'BindStmt':
        bound.push(next.targets);
        reads(next.value);
        break;
      case 'ParamStmt':
        bound.push([next.name]);
        readsType(next.type);
        reads(next.init);
        break;
      case 'ReturnStmt':
        reads(next.value);
        break;
      case 'ForStmt':
        reads(next.range);
        pending.push(...next.body.statements);
        break;
      case 'IfStmt':
        reads(next.condition);
        pending.push(...next.then.statements);
        if (next.otherwise?.kind === 'IfStmt') pending.push(next.otherwise);
        else pending.push(...(next.otherwise?.statements ?? []));
        break;
      case 'AssertStmt':
        reads(next.condition);
        break;
      case 'InputStmt':
        readsType(next.type);
        break;
      case 'OutputStmt':
        if (next.value === undefined) read.add(next.name.text);
        reads(next.value, next.labels);
        break;
    }
  }
  for (const names of bound) {
    const [first] = names;
    if (first === undefined || names.some(({ text }) => read.has(text) || text.startsWith('_'))) continue;
    const { text, span } = first;
    const help = `remove it, or call it \`_${text}\` if that is meant`;
    cx.report(warningAt('N3013', span, `\`${text}\` is never read`, { help }));
  }
}
