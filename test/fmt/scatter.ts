import fc from 'fast-check';
import { readTokens } from '../../grammar/read-tokens.ts';
import { read } from '../compiler/syntax/reading.ts';

/** What is put between two tokens; `place` chooses them. */
export interface Insertion {
  readonly place: number;
  readonly kind: (typeof kinds)[number];
}

export const kinds = [
  'end of line',
  'own line',
  'documentation',
  'two lines',
  'stray slashes',
  'blank lines',
] as const;

export const insertions = fc.array(fc.record({ place: fc.nat(1_000_000), kind: fc.constantFrom(...kinds) }), {
  minLength: 1,
  maxLength: 6,
});

/** A text with comments and blank lines at random gaps between tokens, where they leave it a faultless text. */
export function scatter(text: string, insertions: readonly Insertion[]): string {
  const gaps = gapsOf(text);
  const chosen = new Map(insertions.map(({ place, kind }) => [gaps[place % gaps.length] ?? 0, kind]));
  // From the last to the first, so that the offsets stay true.
  return [...chosen]
    .sort(([a], [b]) => b - a)
    .reduce((made, [at, kind]) => {
      const candidate = made.slice(0, at) + inserted(kind, at) + made.slice(at);
      // In some gaps a line break would end the statement, and what is left is none.
      return isFaultless(candidate) ? candidate : made;
    }, text);
}

/** The text with something at each gap that it may be put in. */
export function litter(text: string, kind: Insertion['kind']): string {
  const places = gapsOf(text).map((_, place) => place);
  return scatter(
    text,
    places.map((place) => ({ place, kind })),
  );
}

export function isFaultless(text: string): boolean {
  return read(text).diagnostics.length === 0;
}

/** The offset behind each token, and the start. */
function gapsOf(text: string): readonly number[] {
  const ends = readTokens(text)
    .tokens.filter(({ image }) => image !== '')
    .map(({ image, startOffset }) => startOffset + image.length);
  return [0, ...ends];
}

/** Numbered, so that no two comments of a text are alike. */
function inserted(kind: Insertion['kind'], at: number): string {
  switch (kind) {
    case 'end of line':
      return `  // remark ${at}!\n`;
    case 'own line':
      return `\n// remark ${at}!\n`;
    case 'documentation':
      return `\n   /// remark ${at}!\n`;
    case 'two lines':
      return `  // remark ${at}!\n\n // continued ${at}!   \n\n\n`;
    case 'stray slashes':
      return `  /// remark ${at}!\r\n`;
    case 'blank lines':
      return '\n \n\n';
  }
}
