import type { TextEdit } from '../compiler/source/text-edit.ts';

/** The edit without what its text and the replaced one have in common at their ends; none where they are equal. */
export function shortened(original: string, { start, end, text }: TextEdit): TextEdit[] {
  let from = 0;
  const shorter = Math.min(end - start, text.length);
  while (from < shorter && original[start + from] === text[from]) from++;
  let to = 0;
  while (to < shorter - from && original[end - 1 - to] === text[text.length - 1 - to]) to++;
  if (start + from === end - to && from + to === text.length) return [];
  return [{ start: start + from, end: end - to, text: text.slice(from, text.length - to) }];
}
