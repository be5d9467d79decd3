import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { Comma } from '../../grammar/tokens.ts';
import type { Comment } from '../compiler/syntax/ast.ts';
import { startOf, type Element, type FormatTree } from './tree.ts';

const { hardline, indent, lineSuffix } = builders;

/**
 * The comments, by the gap between two tokens in which they stand. The printer asks at each gap, and whatever the gap
 * is made of, comments in it are printed just there. So no comment passes a token, but for commas, which come and go.
 *
 * Since a comment ends its line, a line break may stand in its gap, and again when the text is formatted once more.
 */
export class Gaps {
  private readonly text: string;
  /** By the offset of the token that follows; of the end of the text behind the last. */
  private readonly gaps = new Map<number, Gap>();

  constructor({ text, tokens, unit }: FormatTree) {
    this.text = text;
    let i = 0;
    for (const comment of unit.comments) {
      while ((tokens[i]?.startOffset ?? Infinity) < comment.span.start) i++;
      // A gap with a comma in it is one gap, which lies behind the comma.
      const next = tokens.slice(i, i + 2).find(({ tokenType }) => tokenType !== Comma);
      this.add(next?.startOffset ?? text.length, comment);
    }
  }

  /** Whether comments stand before a token or node. */
  has(next: Element): boolean {
    return this.gaps.has(startOf(next));
  }

  /** What separates a token or node from the one before. */
  before(next: Element, separator: Separator): Doc {
    const gap = this.gaps.get(startOf(next));
    if (gap === undefined) return separator === '{' ? ' ' : separator;
    const lines = [gap.ownLine.map(({ text }) => [hardline, text]), hardline];
    return [endOfLine(gap), separator === '' || separator === ' ' ? indent(lines) : lines];
  }

  /** The comments between the last item and what closes its bracket; they are indented as the items are. */
  beforeClosing(closing: Element): Doc {
    const gap = this.gaps.get(startOf(closing));
    return gap === undefined ? '' : [endOfLine(gap), gap.ownLine.map(({ text }) => [hardline, text])];
  }

  /** The beginning of a line for a statement or declaration; some blank lines become one. */
  beforeLine(next: Element, blankLine: BlankLine): Doc {
    const offset = startOf(next);
    return this.lines(this.gaps.get(offset), [offset], blankLine);
  }

  /** The comments between the last statement and its `}`. */
  behindLines(closing: Element, blankLine: BlankLine): Doc {
    return this.lines(this.gaps.get(startOf(closing)), [], blankLine);
  }

  /** The comments behind the last declaration. */
  atEnd(blankLine: BlankLine): Doc {
    return this.lines(this.gaps.get(this.text.length), [], blankLine);
  }

  /** A line for each comment, and one begun at the offset, if one is given. */
  private lines(gap: Gap | undefined, next: readonly number[], blankLine: BlankLine): Doc {
    const comments = gap?.ownLine ?? [];
    const starts = [...comments.map(({ span }) => span.start), ...next];
    const lines = starts.map((start, i) => {
      const wanted = i === 0 ? blankLine : 'kept';
      const blank = wanted === 'always' || (wanted === 'kept' && blankLineBefore(this.text, start));
      const text = comments[i]?.text ?? '';
      return wanted === 'start' ? text : [hardline, blank ? hardline : '', text];
    });
    return [gap === undefined ? '' : endOfLine(gap), lines];
  }

  private add(next: number, comment: Comment): void {
    const gap = this.gaps.get(next);
    if (gap !== undefined) gap.ownLine.push(comment);
    else if (comment.ownLine) this.gaps.set(next, { endOfLine: undefined, ownLine: [comment] });
    else this.gaps.set(next, { endOfLine: comment, ownLine: [] });
  }
}

interface Gap {
  /** On the line of the token before. */
  readonly endOfLine: Comment | undefined;
  readonly ownLine: Comment[];
}

/**
 * Blanks, or a line break of prettier's. Where blanks must give way to a comment, the next line is indented, except
 * behind `{`, which stands for the blank before an opening brace or an `else`.
 */
export type Separator = '' | ' ' | '{' | Exclude<Doc, string>;

/** Whether a blank line stands before a line; `start`: not even a line break, at the start of the file. */
export type BlankLine = 'never' | 'kept' | 'always' | 'start';

function endOfLine({ endOfLine: comment }: Gap): Doc {
  return comment === undefined ? '' : lineSuffix(`  ${comment.text}`);
}

function blankLineBefore(text: string, offset: number): boolean {
  let breaks = 0;
  for (let i = offset - 1; i >= 0 && text[i]?.trim() === ''; i--) if (text[i] === '\n') breaks++;
  return breaks > 1;
}
