import type { IToken } from 'chevrotain';
import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import type { Printing } from './row.ts';

const { group, hardline, ifBreak, indent, line, softline } = builders;

export interface Brackets {
  readonly open: IToken | undefined;
  readonly items: readonly AnyCstNode[] | undefined;
  readonly close: IToken | undefined;
}

/** Items in brackets on one line, or each on its own with a comma after the last. */
export function bracketed(
  { gaps, print }: Printing,
  { open, items = [], close }: Brackets,
  gap: typeof line | typeof softline = softline,
): Doc {
  if (open === undefined || close === undefined) return '';
  const listed = items.map((item, i) => [
    i === 0 ? '' : ',',
    gaps.before(item, i === 0 ? gap : line),
    print(item),
  ]);
  const comma = items.length === 0 ? '' : ifBreak(',');
  const last = gaps.has(close) ? hardline : items.length === 0 ? '' : gap;
  return group([open.image, indent([listed, comma, gaps.beforeClosing(close)]), last, close.image]);
}
