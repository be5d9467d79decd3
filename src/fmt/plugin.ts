import type { Parser, ParserOptions } from 'prettier';
import { formatRange } from './format-range.ts';
import { parser } from './net-language.ts';
import { applyEdits } from '../compiler/source/text-edit.ts';
import type { FormatTree } from './tree.ts';

/** A prettier 3 plugin for `.net` files: `prettier --plugin netc/prettier`. */

export { defaultOptions, languages, printers } from './net-language.ts';

/**
 * Of a range (`--range-start`, `--range-end`) prettier itself formats nothing but what it knows to be a statement, and
 * that it knows of its own languages alone. Of others it returns the text as it was preprocessed.
 */
async function preprocess(text: string, options: ParserOptions<FormatTree>): Promise<string> {
  const { rangeStart, rangeEnd, printWidth, tabWidth, useTabs = false, filepath: path } = options;
  if (rangeStart <= 0 && rangeEnd >= text.length) return text;
  const layout = { printWidth, tabWidth, useTabs, path };
  return applyEdits(text, await formatRange(text, rangeStart, rangeEnd, layout));
}

export const parsers: Record<string, Parser<FormatTree>> = { net: { ...parser, preprocess } };
