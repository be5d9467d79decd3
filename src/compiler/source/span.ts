/**
 * Where a piece of a source file begins at present. All spans of a piece hang on its anchor: when text is inserted above,
 * the anchor moves, and the spans with it, so that what is known of the piece stays true without being made again.
 */
export class Anchor {
  /** Path of the file as the reader knows it (project-relative where there is a project). */
  readonly file: string;
  offset: number;

  constructor(file: string, offset = 0) {
    this.file = file;
    this.offset = offset;
  }
}

/** A half-open range of UTF-16 offsets in one source file. */
export class Span {
  readonly anchor: Anchor;
  /** Relative to the anchor; negative for the comments before a declaration. */
  readonly from: number;
  readonly to: number;

  constructor(anchor: Anchor, from: number, to: number) {
    this.anchor = anchor;
    this.from = from;
    this.to = to;
  }

  /** A range of a file that is not read in pieces. */
  static of(file: string, start: number, end: number): Span {
    return new Span(new Anchor(file), start, end);
  }

  /** The very beginning of a file: for what is wrong with it as a whole. */
  static startOf(file: string): Span {
    return Span.of(file, 0, 0);
  }

  get file(): string {
    return this.anchor.file;
  }

  get start(): number {
    return this.anchor.offset + this.from;
  }

  get end(): number {
    return this.anchor.offset + this.to;
  }

  /** The empty span before the first character. */
  get before(): Span {
    return new Span(this.anchor, this.from, this.from);
  }

  /** The empty span after the last character: where something is missing. */
  get after(): Span {
    return new Span(this.anchor, this.to, this.to);
  }

  /** A part, by offsets from the first character. */
  part(from: number, to: number): Span {
    return new Span(this.anchor, this.from + from, this.from + to);
  }

  /** Another range of the same piece, by offsets in the file. */
  elsewhere(start: number, end: number): Span {
    return new Span(this.anchor, start - this.anchor.offset, end - this.anchor.offset);
  }

  /** From the beginning of this one to the end of another, which stands behind it in the same piece. */
  upTo(last: Span): Span {
    return new Span(this.anchor, this.from, last.end - this.anchor.offset);
  }

  encloses(other: Span): boolean {
    return this.file === other.file && this.start <= other.start && other.end <= this.end;
  }

  isSameAs(other: Span): boolean {
    return this.file === other.file && this.start === other.start && this.end === other.end;
  }
}

/** The smallest span that covers both; they must lie in one piece. */
export function cover(a: Span, b: Span): Span {
  return a.start <= b.start
    ? new Span(a.anchor, a.from, Math.max(a.end, b.end) - a.anchor.offset)
    : cover(b, a);
}
