import type { Span } from './span.ts';

/** Puts `text` in the place of what is from `start` to before `end`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text after edits of it that do not overlap; of two at one place, the first comes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let out = '';
  let done = 0;
  for (const { start, end, text: put } of edits.toSorted((a, b) => a.start - b.start)) {
    if (start < done) throw new Error(`two edits overlap at ${start}`);
    out += text.slice(done, start) + put;
    done = end;
  }
  return out + text.slice(done);
}

/** What a diagnostic says of a place, as an edit of its file. */
export function textEdit({ span, text }: { readonly span: Span; readonly text: string }): TextEdit {
  return { start: span.start, end: span.end, text };
}
