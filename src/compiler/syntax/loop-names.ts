import type { Fix } from '../diagnostics/diagnostic.ts';
import type { Piece } from '../source/piece.ts';
import { apart, takeRowApart } from './take-row-apart.ts';

/** What to say of a loop that begins as in Python, whose `for` takes the elements apart. */
export interface LoopRemedy {
  readonly help: string;
  readonly fix?: Fix;
}

/** A list up to the brace behind it, where nothing in it can hold one, and nothing is bound before it. */
const list = /\s*\bin\b((?:[^{}"=/]|\/(?!\/))*)\{/;
const names = /(\w+(?:\s*,\s*\w+)+)(?:\s*,)?/;
/** `(a, b, c)` or `a, b, c`, and `(i, (a, b))` or `i, (a, b)`: what is to be taken apart, and what counts. */
const flat = new RegExp(`^(for\\b\\s*)(\\(?\\s*${names.source}(?:\\s*\\))?)${list.source}`);
const nested = new RegExp(
  `^(for\\b\\s*\\(?\\s*\\w+\\s*,\\s*)(\\(\\s*${names.source}\\s*\\))\\s*\\)?${list.source}`,
);

/** `for (from, to, count) in rows`, `for a, b in rows`: the last `for` before an offset, where the names went wrong. */
export function remedyForLoop(piece: Piece, offset: number): LoopRemedy {
  const { text } = piece;
  const start = [...text.slice(0, offset).matchAll(/\bfor\b/g)].at(-1)?.index ?? 0;
  const head = text.slice(start);
  const counted = nested.exec(head);
  const [whole = '', prefix = '', heads = '', listed = '', range = ''] = counted ?? flat.exec(head) ?? [];
  const parts = listed.split(',').map((name) => name.trim());
  // Of two names, one may be meant to count.
  if (counted === null && parts.length < 3) {
    const help = `In \`for (i, x) in list\` i counts the turns; a row is taken apart in the body: \`for row in list\`, then \`${apart(['a', 'b'])}\`.`;
    return { help };
  }
  const shown = counted === null ? 'row' : '(i, row)';
  const help = `A row is taken apart in the body: \`for ${shown} in list\`, then \`${apart(parts)}\`.`;
  // The first two make rows of their own, the others a brace of their own; and a head without parentheses would need them.
  if (/\b(?:enumerate|zip|for|if)\b/.test(range) || (counted !== null && !/^for\s*\(/.test(prefix)))
    return { help };
  const from = start + prefix.length;
  const body = start + whole.length;
  const fix = takeRowApart(
    { text, start, body, heads: piece.span(from, from + heads.length), inside: piece.at(body) },
    parts,
    (name) => new RegExp(`\\b${name}\\b`).test(text),
  );
  return { help, ...(fix === undefined ? {} : { fix }) };
}
