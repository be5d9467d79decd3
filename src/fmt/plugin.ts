import type { Doc, Parser, Printer, SupportLanguage } from 'prettier';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import { placeEndOfLine, placeOwnLine, printComment } from './comments.ts';
import { printNode } from './print.ts';
import { childNodes, endOf, formatTree, isCommented, startOf, type FormatNode } from './tree.ts';

/** A prettier 3 plugin for `.net` files: `prettier --plugin netc/prettier`, and what `netc fmt` runs. */

export const languages: SupportLanguage[] = [{ name: 'net', parsers: ['net'], extensions: ['.net'] }];

const parser: Parser<FormatNode> = {
  astFormat: 'net',
  parse: (text, options) => formatTree(text, options.filepath),
  locStart: startOf,
  locEnd: endOf,
};

export const parsers: Record<string, Parser<FormatNode>> = { net: parser };

/** Prettier prints the comments, which without a choice of ours hang on declarations. */
function needsPrettier(node: AnyCstNode): boolean {
  return node.name === 'declarationLine' || isCommented(node);
}

/** Without comments there is no need of prettier's own recursion, which takes a multiple of the stack and the time. */
function printPlainly(node: FormatNode, text: string): Doc {
  return printNode(node, text, (_key, _i, child) => printPlainly(child, text));
}

const printer: Printer<FormatNode> = {
  print: ({ node }, { originalText }, print) =>
    printNode(node, originalText, (key, i, child) =>
      needsPrettier(child) ? print(['children', key, i]) : printPlainly(child, originalText),
    ),
  printComment,
  canAttachComment: (node) => 'children' in node,
  getCommentChildNodes: childNodes,
  getVisitorKeys: () => [],
  handleComments: { ownLine: placeOwnLine, endOfLine: placeEndOfLine, remaining: placeEndOfLine },
};

export const printers: Record<string, Printer<FormatNode>> = { net: printer };

export const defaultOptions = { printWidth: 110 };
