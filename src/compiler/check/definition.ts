import type { Requirement } from '../ir/module.ts';
import type { Size } from '../shapes/size.ts';
import type { Signature } from './signature.ts';

/** What the definition of a block found for one choice of its bools, in its own signature's variables. */
export interface Definition {
  readonly signature: Signature;
  /** What the signature must demand beyond its `where`. */
  readonly inferred: readonly Requirement[];
  /** The sizes of the parameters of an instance. */
  readonly paramSizes: readonly Size[];
  /** Whether each call has weights by this block itself: not in a branch or a loop alone, nor by a block that it is given. */
  readonly hasWeights: boolean;
  /** Whether something had to be assumed of which sizes may depend. */
  readonly isPartial: boolean;
  /** Whether it may leave something open for the blocks and lists that it is given. */
  readonly isOpen: boolean;
  /** Whether its body could be read in full, and leaves nothing to what it is given, nor to the sizes of a model. */
  readonly isSettled: boolean;
  /** How often it calls a block. */
  readonly callCount: number;
}

/** The definitions of a block, by the choice of its bools. */
export type Definitions = ReadonlyMap<string, Definition>;
