import type { Span } from '../source/span.ts';
import type { Val } from './value.ts';

export interface Binding {
  val: Val;
  readonly span: Span;
}

/**
 * The names of a body. An inner scope (loop, branch) may rebind a name of an outer one; the assignment is recorded in
 * the inner scope, and the loop or branch carries it out.
 */
export class Scope {
  private readonly names = new Map<string, Binding>();
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

  /** Names bound in this scope itself. */
  own(): IterableIterator<[string, Binding]> {
    return this.names.entries();
  }

  *visible(): Generator<string> {
    yield* this.names.keys();
    if (this.outer !== undefined) yield* this.outer.visible();
  }
}
