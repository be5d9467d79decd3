import type { Span } from './span.ts';

/** A place as an editor counts it: both numbers start at 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A source text with its line table. A byte-order mark is dropped; offsets refer to the text without it. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  private readonly raw: string;
  private readonly lineStarts: readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.raw = text;
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    const starts = [0];
    for (let i = 0; i < this.text.length; i++) if (this.text[i] === '\n') starts.push(i + 1);
    this.lineStarts = starts;
  }

  /** Whether it was made of this text. */
  isOf(text: string): boolean {
    return this.raw === text;
  }

  get lineCount(): number {
    return this.lineStarts.length;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }

  /** Where a line (counted from 1) begins; the end of the text for lines behind it. */
  offsetOf(line: number): number {
    return this.lineStarts[line - 1] ?? this.text.length;
  }

  /** The text of a line (counted from 1) without its line ending. */
  line(line: number): string {
    const start = this.lineStarts[line - 1];
    if (start === undefined) return '';
    const end = this.lineStarts[line] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }
}
