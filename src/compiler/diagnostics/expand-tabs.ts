import { displayWidth } from './display-width.ts';
import { printable } from './printable.ts';

const tabStop = 4;

/** A line as a terminal shows it: tabs as blanks, and nothing that could move the cursor. */
export function expandTabs(line: string): string {
  let out = '';
  let at = 0;
  for (const character of line) {
    const text = character === '\t' ? ' '.repeat(tabStop - (at % tabStop)) : printable(character);
    out += text;
    at += displayWidth(text);
  }
  return out;
}
