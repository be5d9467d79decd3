import type { Parser, Printer, SupportLanguage } from 'prettier';
import { printTree } from './print.ts';
import { formatTree, type FormatTree } from './tree.ts';

/** The language as prettier knows languages: how to parse a text, and how to print what was parsed. */

export const languages: SupportLanguage[] = [{ name: 'net', parsers: ['net'], extensions: ['.net'] }];

export const parser: Parser<FormatTree> = {
  astFormat: 'net',
  parse: (text, options) => formatTree(text, options.filepath),
  locStart: () => 0,
  locEnd: ({ text }) => text.length,
};

export const parsers: Record<string, Parser<FormatTree>> = { net: parser };

/** Prettier lays out; neither its recursion nor its notion of where comments belong is needed. */
const printer: Printer<FormatTree> = { print: ({ node }) => printTree(node), getVisitorKeys: () => [] };

export const printers: Record<string, Printer<FormatTree>> = { net: printer };

export const defaultOptions = { printWidth: 110 };
