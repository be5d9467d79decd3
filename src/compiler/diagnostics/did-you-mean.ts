import { closest } from './closest.ts';

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
