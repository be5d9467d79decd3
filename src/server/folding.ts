import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import type { Span } from '../compiler/source/span.ts';
import { nodesOf } from '../compiler/syntax/walk.ts';
import type { CheckedDocument } from './checked-document.ts';

/** What can be folded: bodies and lists of several lines, the imports, and comments that follow each other. */
export function foldingRanges({ module, source }: CheckedDocument): FoldingRange[] {
  if (module === undefined) return [];
  const { declarations, comments } = module.unit;
  const ranges: FoldingRange[] = [];
  const lineOf = (offset: number): number => source.position(offset).line - 1;
  const add = (span: Span, last: number, kind?: FoldingRangeKind): void => {
    const [startLine, endLine] = [lineOf(span.start), last];
    if (endLine > startLine) ranges.push({ startLine, endLine, ...(kind === undefined ? {} : { kind }) });
  };
  for (const declaration of declarations) {
    if (declaration.kind === 'ImportDecl') continue;
    // The line of the closing bracket stays in sight.
    add(declaration.span, lineOf(declaration.span.end) - 1);
    for (const node of nodesOf(declaration)) {
      if (!isFoldable(node)) continue;
      add(node.span, lineOf(node.span.end) - 1);
    }
  }
  const imports = declarations.filter(({ kind }) => kind === 'ImportDecl');
  const [first, last] = [imports[0], imports.at(-1)];
  if (first !== undefined && last !== undefined)
    add(first.span, lineOf(last.span.end), FoldingRangeKind.Imports);
  for (let i = 0; i < comments.length; i++) {
    const start = comments[i];
    if (start?.ownLine !== true) continue;
    let end = lineOf(start.span.start);
    for (let next = comments[i + 1]; next?.ownLine === true; next = comments[i + 1]) {
      if (lineOf(next.span.start) !== end + 1) break;
      end++;
      i++;
    }
    add(start.span, end, FoldingRangeKind.Comment);
  }
  return ranges;
}

function isFoldable(node: { readonly kind: string }): node is { readonly kind: string; readonly span: Span } {
  return ['Body', 'ForStmt', 'IfStmt', 'ListLiteral', 'CallExpr'].includes(node.kind) && 'span' in node;
}
