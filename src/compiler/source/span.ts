/** A half-open range of UTF-16 offsets in one source file. */
export interface Span {
  /** Path of the file as the reader knows it (project-relative where there is a project). */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** The smallest span that covers both; they must lie in one file. */
export function cover(a: Span, b: Span): Span {
  return { file: a.file, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** The empty span just before another. */
export function before(span: Span): Span {
  return part(span, span.start, span.start);
}

/** The empty span just after another: where something is missing. */
export function after(span: Span): Span {
  return part(span, span.end, span.end);
}

/** Another range of the file in which a span lies. */
export function part({ file }: Span, start: number, end: number): Span {
  return { file, start, end };
}
