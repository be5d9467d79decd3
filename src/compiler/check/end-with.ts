import { fixAt, type Fix } from '../diagnostics/diagnostic.ts';
import { lineEndOf } from '../source/line-end.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Body } from '../syntax/ast.ts';

/** The fix that ends a body with what its last statement binds: most likely that is what is to come out. */
export function endWith(
  word: 'return' | 'output',
  { statements }: Body,
  { text }: SourceFile,
): { readonly fix?: Fix } {
  const last = statements.at(-1);
  if (last?.kind !== 'BindStmt' || last.tuple) return {};
  const [target] = last.targets;
  if (target === undefined) return {};
  const line = `${word} ${target.text}`;
  return { fix: fixAt(`End with \`${line}\``, last.span.after, `${lineEndOf(text)}  ${line}`) };
}
