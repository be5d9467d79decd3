import type { IToken } from 'chevrotain';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { SourceFile } from '../compiler/source/source-file.ts';
import type { SourceUnit } from '../compiler/syntax/ast.ts';
import { parseWithTree } from '../compiler/syntax/parse.ts';

/** What the formatter prints: the concrete syntax tree, since it keeps the parentheses that the user wrote. */
export interface FormatTree {
  readonly text: string;
  /** All nodes, the root first, and each before those below it. */
  readonly nodes: readonly AnyCstNode[];
  /** All tokens that have a text, in its order. */
  readonly tokens: readonly IToken[];
  /** For its comments. They are not named here, since prettier takes what is called `comments` for its own. */
  readonly unit: SourceUnit;
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

/** The tree of a faultless text. Throws {@link UnformattableError}. */
export function formatTree(text: string, path: string): FormatTree {
  const { tree, unit, diagnostics } = parseWithTree(new SourceFile(path, text));
  if (tree === undefined || diagnostics.length > 0) throw new UnformattableError(diagnostics);
  const nodes: AnyCstNode[] = [tree];
  const tokens: IToken[] = [];
  // The list grows while it is walked.
  for (const node of nodes) {
    for (const element of elementsOf(node)) {
      if (isNode(element)) nodes.push(element);
      else if (element.image !== '') tokens.push(element);
    }
  }
  tokens.sort((a, b) => a.startOffset - b.startOffset);
  return { text, nodes, tokens, unit };
}

export type Element = AnyCstNode | IToken;

/** What is directly below, in no particular order. */
export function elementsOf({ children }: AnyCstNode): Element[] {
  const lists: readonly (readonly Element[] | undefined)[] = Object.values(children);
  return lists.flatMap((list) => list ?? []);
}

export function isNode(element: Element): element is AnyCstNode {
  return 'children' in element;
}

export function startOf(element: Element): number {
  return isNode(element) ? (element.location?.startOffset ?? 0) : element.startOffset;
}
