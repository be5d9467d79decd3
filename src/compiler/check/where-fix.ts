import { fixAt, type Fix } from '../diagnostics/diagnostic.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';

/** The fix that demands something of the callers of a block: behind its `where`, or in a new one before its `{`. */
export function whereFix(cx: Context, { name, where, body }: BlockDecl, conditions: string): Fix | undefined {
  const title = `Add \`where ${conditions}\` to \`${name.text}\``;
  const last = where.at(-1);
  if (last !== undefined) return fixAt(title, last.span.after, `, ${conditions}`);
  const { source } = cx.module;
  const { start } = body.span;
  // Of a body that was not understood nothing is known but that it is missing.
  if (source.text[start] !== '{') return undefined;
  const head = source.text.slice(0, start).trimEnd().length;
  return fixAt(title, body.span.elsewhere(head, start), `\n  where ${conditions}\n`);
}
