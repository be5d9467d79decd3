import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { AnyCstNode, DeclarationLineCstNode } from '../../grammar/cst-types.ts';
import { danglingComments, openingComment } from './comments.ts';
import { endOf, type FormatNode } from './tree.ts';

const { hardline, indent } = builders;

/** Statements or settings in braces. */
export function printLines(
  node: Extract<FormatNode, { name: 'body' | 'trainDecl' }>,
  docs: readonly Doc[],
  text: string,
): Doc {
  const comment = openingComment(node);
  if (docs.length === 0) {
    const inside = danglingComments(node);
    return ['{', comment, inside === undefined ? '' : [indent([hardline, inside]), hardline], '}'];
  }
  const lines: readonly AnyCstNode[] = node.children.lines ?? [];
  return ['{', comment, indent([hardline, separated(lines, docs, text)]), hardline, '}'];
}

/** Declarations with bodies stand apart; the others are grouped as the user grouped them. */
export function printFile(
  node: Extract<FormatNode, { name: 'file' }>,
  docs: readonly Doc[],
  text: string,
): Doc {
  if (docs.length === 0) {
    const inside = danglingComments(node);
    return inside === undefined ? '' : [inside, hardline];
  }
  const lines = node.children.declarationLine ?? [];
  return [separated(lines, docs, text, standsApart), hardline];
}

const spacious = new Set(['blockDecl', 'modelDecl', 'trainDecl']);

function standsApart(line: DeclarationLineCstNode): boolean {
  return (line.children.declaration ?? []).some(({ children }) =>
    Object.keys(children).some((kind) => spacious.has(kind)),
  );
}

/** Lines with at most one blank line between two: where the text has one, or where either is `apart`. */
function separated<Line extends AnyCstNode>(
  lines: readonly Line[],
  docs: readonly Doc[],
  text: string,
  apart: (line: Line) => boolean = () => false,
): Doc[] {
  return docs.map((printed, i) => {
    const at = lines[i];
    const next = lines[i + 1];
    if (at === undefined || next === undefined) return printed;
    const blank = apart(at) || apart(next) || blankLineAfter(text, at);
    return [printed, hardline, blank ? hardline : ''];
  });
}

function blankLineAfter(text: string, node: AnyCstNode): boolean {
  const rest = /[^\n]*\n[ \t]*\n/y;
  rest.lastIndex = endOf(node);
  return rest.test(text);
}
