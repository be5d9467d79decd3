import type { Span } from '../source/span.ts';
import { closest } from './closest.ts';
import { fixAt, type DiagnosticDetails, type Fix } from './diagnostic.ts';

/** More candidates than these are not listed. */
const maxListed = 12;

/** ``did you mean `x`?`` as the help of a diagnostic, or what there is to choose from. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  const near = closest(word, all);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (all.length === 0 || all.length > maxListed) return undefined;
  return `there is ${all.map((name) => `\`${name}\``).join(', ')}`;
}

/**
 * The help of a diagnostic about a word that is none of the candidates, and, where one of them is near, the edit that
 * puts it in the word's place. Nothing where there is nothing to say.
 */
export function suggest(word: string, span: Span, candidates: Iterable<string>): DiagnosticDetails {
  const all = [...candidates];
  const help = didYouMean(word, all);
  const near = closest(word, all);
  return {
    ...(help === undefined ? {} : { help }),
    ...(near === undefined ? {} : { fix: replacement(word, span, near) }),
  };
}

/** The fix that writes another word. */
export function replacement(word: string, span: Span, meant: string): Fix {
  return fixAt(`Replace \`${word}\` by \`${meant}\``, span, meant);
}
