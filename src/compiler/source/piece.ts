import { Anchor, Span } from './span.ts';

/**
 * A piece of a source file that is read by itself: a declaration with the comments before it, or a whole file. It begins
 * at the start of a line.
 */
export class Piece {
  readonly text: string;
  readonly anchor: Anchor;
  /** What of the text stands before the anchor: the comments before a declaration, which may change without moving it. */
  readonly lead: number;
  /** Whether nothing follows it in the file. */
  readonly isLast: boolean;

  constructor(text: string, anchor: Anchor, lead: number, isLast: boolean) {
    this.text = text;
    this.anchor = anchor;
    this.lead = lead;
    this.isLast = isLast;
  }

  static whole(file: string, text: string): Piece {
    return new Piece(text, new Anchor(file), 0, true);
  }

  get file(): string {
    return this.anchor.file;
  }

  /** The span between two offsets of the text. */
  span(start: number, end: number): Span {
    return new Span(this.anchor, start - this.lead, end - this.lead);
  }

  /** The empty span at an offset of the text. */
  at(offset: number): Span {
    return this.span(offset, offset);
  }

  /** Where a span of this piece begins in the text. */
  offsetOf({ from }: Span): number {
    return from + this.lead;
  }

  slice({ from, to }: Span): string {
    return this.text.slice(from + this.lead, to + this.lead);
  }

  /** What stands before an offset on its line. */
  lineUpTo(offset: number): string {
    return this.text.slice(this.text.lastIndexOf('\n', offset - 1) + 1, offset);
  }
}
