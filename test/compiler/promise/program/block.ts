import type { Condition } from './condition.ts';
import type { Tensor, TensorType } from './tensor.ts';

/** A hyper-parameter, and what calls may give for it. */
export type Hyper =
  | { readonly kind: 'int'; readonly name: string; readonly least: number; readonly most: number }
  | { readonly kind: 'bool' | 'float'; readonly name: string }
  | { readonly kind: 'string'; readonly name: string; readonly options: readonly [string, ...string[]] }
  /** A map from a type to itself, of which the signature tells the axes alone. */
  | { readonly kind: 'block'; readonly name: string; readonly value: TensorType };

/** What a caller has to know of a block. Sizes are in terms of its own variables: its inputs' axes, and `int`s. */
export interface Block {
  readonly name: string;
  readonly hypers: readonly Hyper[];
  /** Each axis has a variable of its name for its size. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly TensorType[];
  /** Behind its `where`. */
  readonly where: readonly Condition[];
  /** Lower bounds that the compiler finds and adds to the signature. */
  readonly inferred: readonly Condition[];
  /** What is decided when sizes are numbers: `assert`, and sizes that a loop has made opaque. */
  readonly deferred: readonly Condition[];
  /** What must hold together for some admissible numbers: a body that can never run is refused. */
  readonly occasions: readonly (readonly Condition[])[];
  /** Variables that must be known when the program is compiled: parameters, conditions or loops depend on them. */
  readonly pinned: ReadonlySet<string>;
  readonly text: string;
}
