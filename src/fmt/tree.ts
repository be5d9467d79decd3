import type { AnyCstNode } from '../../grammar/cst-types.ts';
import { parseWithTree } from '../compiler/syntax/parse.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { SourceFile } from '../compiler/source/source-file.ts';

/**
 * What prettier walks: the concrete syntax tree, since it keeps the parentheses the user wrote, with comments hung
 * on its nodes by prettier itself.
 */
export type FormatNode = AnyCstNode & { comments?: FormatComment[] };

export interface FormatComment {
  readonly value: string;
  readonly span: { readonly start: number; readonly end: number };
  /** The following are set by prettier while it finds each comment its node. */
  leading?: boolean;
  trailing?: boolean;
  printed?: boolean;
  /** Set where `comments.ts` has chosen the place. */
  place?: 'leading' | 'trailing' | 'opening' | 'inside';
  placement?: 'ownLine' | 'endOfLine' | 'remaining';
  enclosingNode?: FormatNode;
  precedingNode?: FormatNode;
  followingNode?: FormatNode;
}

/** The text cannot be formatted, since it does not parse. */
export class UnformattableError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message ?? 'the file cannot be parsed');
    this.name = 'UnformattableError';
    this.diagnostics = diagnostics;
  }
}

/** The tree of a faultless text, its comments in `comments`. Throws {@link UnformattableError}. */
export function formatTree(text: string, path: string): FormatNode {
  const { tree, unit, diagnostics } = parseWithTree(new SourceFile(path, text));
  if (tree === undefined || diagnostics.length > 0) throw new UnformattableError(diagnostics);
  const comments = unit.comments.map(({ text: value, span }): FormatComment => ({ value, span }));
  link(tree);
  return Object.assign(tree, { comments });
}

const parents = new WeakMap<AnyCstNode, AnyCstNode>();

/** The nodes directly below, in no particular order. */
export function childNodes(node: AnyCstNode): AnyCstNode[] {
  const children: readonly (readonly object[] | undefined)[] = Object.values(node.children);
  return children.flatMap((list) => list?.filter(isNode) ?? []);
}

export function isNode(element: object): element is AnyCstNode {
  return 'children' in element;
}

function link(root: AnyCstNode): void {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const child of childNodes(node)) {
      parents.set(child, node);
      pending.push(child);
    }
  }
}

const commented = new WeakSet<AnyCstNode>();

/** Notes that a comment hangs on the node, and so below all that hold it. */
export function markCommented(node: AnyCstNode): void {
  let at: AnyCstNode | undefined = node;
  while (at !== undefined && !commented.has(at)) {
    commented.add(at);
    at = parents.get(at);
  }
}

/** Whether a comment hangs on the node or below it. */
export function isCommented(node: AnyCstNode): boolean {
  return commented.has(node);
}

const lines = new Set(['line', 'trainLine', 'declarationLine']);

/** The statement, setting or declaration that a node is or is part of. */
export function lineOf(node: AnyCstNode): AnyCstNode | undefined {
  let at: AnyCstNode | undefined = node;
  while (at !== undefined && !lines.has(at.name)) at = parents.get(at);
  return at;
}

export function startOf(node: FormatNode | FormatComment): number {
  if ('span' in node) return node.span.start;
  return node.location?.startOffset ?? 0;
}

/** The offset after the last character. */
export function endOf(node: FormatNode | FormatComment): number {
  if ('span' in node) return node.span.end;
  return (node.location?.endOffset ?? -1) + 1;
}
