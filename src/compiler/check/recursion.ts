import type { Span } from '../source/span.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';

/** Complains of a block that comes back to itself; `around` are the blocks that are being read, outermost first. */
export function recursion(cx: Context, around: readonly BlockDecl[], decl: BlockDecl, span: Span): undefined {
  const cycle = [...around.slice(around.indexOf(decl)), decl].map(({ name }) => name.text).join(' -> ');
  return cx.error('N2008', span, `\`${decl.name.text}\` would contain itself`, {
    notes: [cycle],
    help: 'use a loop',
  });
}
