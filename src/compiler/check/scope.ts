import type { Span } from '../source/span.ts';
import type { Val } from './value.ts';

export interface Binding {
  readonly val: Val;
  readonly span: Span;
}

/**
 * The names of a body. An inner scope (loop, branch) may rebind a name of an outer one; the assignment is recorded in
 * the inner scope, and the loop or branch carries it out.
 */
export class Scope {
  private readonly names = new Map<string, Binding>();
  /** Names that only one of two branches has bound, with the place. */
  private readonly partly = new Map<string, Span>();
  private readonly outer: Scope | undefined;

  constructor(outer: Scope | undefined) {
    this.outer = outer;
  }

  lookup(name: string): Binding | undefined {
    return this.names.get(name) ?? this.outer?.lookup(name);
  }

  bind(name: string, val: Val, span: Span): void {
    this.names.set(name, { val, span });
  }

  bindPartly(name: string, span: Span): void {
    this.partly.set(name, span);
  }

  /** Where a branch has bound a name that is not bound without it. */
  boundInBranch(name: string): Span | undefined {
    return this.partly.get(name) ?? this.outer?.boundInBranch(name);
  }

  /** Whether the name was bound in this scope itself. */
  owns(name: string): boolean {
    return this.names.has(name);
  }

  ownNames(): Iterable<string> {
    return this.names.keys();
  }

  *visible(): Generator<string> {
    yield* this.names.keys();
    if (this.outer !== undefined) yield* this.outer.visible();
  }
}
