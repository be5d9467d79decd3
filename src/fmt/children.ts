import type { Doc } from 'prettier';
import type { IToken } from 'chevrotain';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import { isNode } from './tree.ts';

/** Prints the child that is the `i`th of the list `key`. */
export type Print = (key: string, i: number, child: AnyCstNode) => Doc;

/** A node's children by the names of their lists, printed when asked for. */
export class Children {
  private readonly lists: Readonly<Record<string, readonly object[] | undefined>>;
  private readonly print: Print;

  constructor(node: AnyCstNode, print: Print) {
    this.lists = node.children;
    this.print = print;
  }

  has(key: string): boolean {
    return this.lists[key] !== undefined;
  }

  one(key: string): Doc {
    return this.child(key, 0);
  }

  many(key: string): Doc[] {
    return (this.lists[key] ?? []).map((_, i) => this.child(key, i));
  }

  /** The child behind the words that introduce it; nothing where there is none. */
  clause(before: string, key: string): Doc {
    return this.has(key) ? [before, this.one(key)] : '';
  }

  /** The child of a node that has one of several. */
  only(): Doc {
    return Object.keys(this.lists).map((key) => this.one(key));
  }

  private child(key: string, i: number): Doc {
    const at = this.lists[key]?.[i];
    return at !== undefined && isNode(at) ? this.print(key, i, at) : '';
  }
}

/** The text of a token that there is at most one of. */
export function image(tokens: readonly IToken[] | undefined): string {
  return tokens?.[0]?.image ?? '';
}
