import type { IToken } from 'chevrotain';
import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type {
  AnyCstNode,
  DeclarationLineCstNode,
  LineCstNode,
  TrainLineCstNode,
} from '../../grammar/cst-types.ts';
import type { Printing } from './row.ts';

const { hardline, indent } = builders;

export interface Braces {
  readonly open: IToken | undefined;
  readonly lines: readonly (LineCstNode | TrainLineCstNode)[] | undefined;
  readonly close: IToken | undefined;
}

/** Statements or settings in braces. */
export function printLines({ gaps, print }: Printing, { open, lines = [], close }: Braces): Doc {
  if (open === undefined || close === undefined) return '';
  const printed = lines.map((line, i) => [gaps.beforeLine(line, i === 0 ? 'never' : 'kept'), print(line)]);
  const isEmpty = lines.length === 0;
  const last = gaps.behindLines(close, isEmpty ? 'never' : 'kept');
  return [open.image, indent([printed, last]), isEmpty && !gaps.has(close) ? '' : hardline, close.image];
}

/** Declarations with bodies stand apart; the others are grouped as the user grouped them. */
export function printFile({ gaps, print }: Printing, lines: readonly DeclarationLineCstNode[] = []): Doc {
  const printed = lines.map((line, i) => {
    const previous = lines[i - 1];
    if (previous === undefined) return [gaps.beforeLine(line, 'start'), print(line)];
    return [
      gaps.beforeLine(line, standsApart(previous) || standsApart(line) ? 'always' : 'kept'),
      print(line),
    ];
  });
  const last = gaps.atEnd(lines.length === 0 ? 'start' : 'kept');
  return [printed, last, hardline];
}

const spacious = new Set<AnyCstNode['name']>(['blockDecl', 'modelDecl', 'trainDecl']);

function standsApart(line: DeclarationLineCstNode): boolean {
  return (line.children.declaration ?? []).some(({ children }) =>
    Object.values(children).some((kinds) => kinds.some(({ name }) => spacious.has(name))),
  );
}
