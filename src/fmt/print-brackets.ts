import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { danglingComments, openingComment } from './comments.ts';
import type { FormatNode } from './tree.ts';

const { group, ifBreak, indent, join, line, softline } = builders;

/** Items in brackets on one line, or each on its own with a comma after the last. */
export function bracketed(
  node: FormatNode,
  open: string,
  items: readonly Doc[],
  close: string,
  gap: Doc = softline,
): Doc {
  const comment = openingComment(node);
  if (items.length === 0) {
    const inside = danglingComments(node);
    return inside === undefined
      ? group([open, comment, softline, close])
      : group([open, comment, indent([softline, inside]), softline, close]);
  }
  const listed = join([',', line], [...items]);
  return group([open, comment, indent([gap, listed]), ifBreak(','), gap, close]);
}
