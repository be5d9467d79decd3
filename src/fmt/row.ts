import type { Doc } from 'prettier';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import type { Gaps, Separator } from './gaps.ts';
import { isNode, type Element } from './tree.ts';

/** What the printing of a node needs besides the node. */
export interface Printing {
  readonly gaps: Gaps;
  readonly print: (node: AnyCstNode) => Doc;
}

/** A token or node behind what separates it from the one before; `doc` where it is not printed as usual. */
export type Part = readonly [separator: Separator, element: Element | undefined, doc?: Doc];

/** Those of the parts that are there. Before the first there is nothing: that gap belongs to whoever prints the row. */
export function row({ gaps, print }: Printing, ...parts: readonly Part[]): Doc {
  let isFirst = true;
  return parts.map(([separator, element, doc]) => {
    if (element === undefined) return '';
    const printed = doc ?? (isNode(element) ? print(element) : element.image);
    const gap = isFirst ? '' : gaps.before(element, separator);
    isFirst = false;
    return [gap, printed];
  });
}

/** A row that goes on behind something else, and so has its first gap, too. */
export function tail(printing: Printing, ...parts: readonly Part[]): Doc {
  const first = parts.find(([, element]) => element !== undefined);
  if (first?.[1] === undefined) return '';
  return [printing.gaps.before(first[1], first[0]), row(printing, ...parts)];
}
