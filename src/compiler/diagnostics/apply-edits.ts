import type { Edit } from './diagnostic.ts';

/** A text after edits of it that do not overlap; of two at one place, the first comes first. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => a.span.start - b.span.start);
  let out = '';
  let done = 0;
  for (const { span, text: put } of ordered) {
    if (span.start < done) throw new Error(`two edits overlap at ${span.start} of ${span.file}`);
    out += text.slice(done, span.start) + put;
    done = span.end;
  }
  return out + text.slice(done);
}
