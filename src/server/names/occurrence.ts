import type { Entity } from '../../compiler/resolve/program.ts';
import type { Declaration, Name } from '../../compiler/syntax/ast.ts';

/** What a name stands for, as far as its text says it; names of one thing have one key. */
export type Symbol =
  | { readonly kind: 'block' | 'model' | 'labels'; readonly key: string; readonly entity: Entity }
  /** The name under which this file imports something. */
  | { readonly kind: 'alias'; readonly key: string; readonly entity: Entity }
  /** What a declaration binds: hyper-parameters, inputs, sizes of axes, and the names in its body. */
  | {
      readonly kind: 'hyper' | 'input' | 'size' | 'variable';
      readonly key: string;
      readonly owner: Declaration;
      readonly path: string;
    }
  | { readonly kind: 'axis'; readonly key: string; readonly owner: Declaration; readonly path: string }
  | { readonly kind: 'operation'; readonly key: string; readonly op: string }
  | { readonly kind: 'argument'; readonly key: string; readonly op: string }
  | { readonly kind: 'function' | 'setting' | 'choice'; readonly key: string };

export interface Occurrence {
  readonly name: Name;
  readonly symbol: Symbol;
  /** Whether the name is declared or bound here. */
  readonly isDefinition: boolean;
}
