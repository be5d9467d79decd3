import type { Parser, Printer, SupportLanguage } from 'prettier';
import { placeEndOfLine, placeOwnLine, printComment } from './comments.ts';
import { printNode } from './print.ts';
import { childNodes, endOf, formatTree, startOf, type FormatNode } from './tree.ts';

/** A prettier 3 plugin for `.net` files: `prettier --plugin netc/prettier`, and what `netc fmt` runs. */

export const languages: SupportLanguage[] = [{ name: 'net', parsers: ['net'], extensions: ['.net'] }];

const parser: Parser<FormatNode> = {
  astFormat: 'net',
  parse: (text, options) => formatTree(text, options.filepath ?? 'input.net'),
  locStart: startOf,
  locEnd: endOf,
};

export const parsers: Record<string, Parser<FormatNode>> = { net: parser };

const printer: Printer<FormatNode> = {
  print: (path, options, print) => printNode(path.node, options.originalText, print),
  printComment,
  canAttachComment: (node) => 'children' in node,
  getCommentChildNodes: childNodes,
  getVisitorKeys: () => [],
  handleComments: { ownLine: placeOwnLine, endOfLine: placeEndOfLine, remaining: placeEndOfLine },
};

export const printers: Record<string, Printer<FormatNode>> = { net: printer };

export const defaultOptions = { printWidth: 110 };
