import type { Fix } from '../diagnostics/diagnostic.ts';
import { indentAt, lineEndOf } from '../source/line-end.ts';
import type { Span } from '../source/span.ts';

/** Names for the row of a loop whose fix needs one, the first that is free. */
const rowNames = ['row', 'entry', 'element'];

interface LoopText {
  /** The text in which the loop stands, */
  readonly text: string;
  /** where its `for` begins there, and where its body does, behind the brace. */
  readonly start: number;
  readonly body: number;
  /** The places of the names that the loop has, with their parentheses, and of what is behind the brace. */
  readonly heads: Span;
  readonly inside: Span;
}

/** `(a, b) = row`: how a row is taken apart, which a `for` does not do by itself. */
export function apart(names: readonly string[], row = 'row'): string {
  return `(${names.join(', ')}) = ${row}`;
}

/** The fix that makes `for row in list { (a, b) = row ...` of `for (a, b) in list { ...`. */
export function takeRowApart(
  { text, start, body, heads, inside }: LoopText,
  names: readonly string[],
  isTaken: (name: string) => boolean,
): Fix | undefined {
  const row = rowNames.find((name) => !isTaken(name));
  if (row === undefined) return undefined;
  const newLine = `${lineEndOf(text)}${indentAt(text, start)}`;
  const isLineOfItsOwn = /^[ \t]*\r?\n/.test(text.slice(body));
  return {
    title: 'Take the row apart in the body',
    edits: [
      { span: heads, text: row },
      { span: inside, text: `${newLine}  ${apart(names, row)}${isLineOfItsOwn ? '' : `${newLine} `}` },
    ],
  };
}
