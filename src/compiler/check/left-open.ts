import type { Code } from '../diagnostics/codes.ts';
import type { Prop } from '../shapes/prop.ts';
import type { SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';

/** A property on which a body depends, and which only the sizes of a call can tell. */
export interface LeftOpen {
  readonly prop: Prop;
  /** The conditions under which it is needed: those of the branches and loops around. */
  readonly guards: readonly Prop[];
  readonly code: Code;
  readonly span: Span;
  /** Completes "... is needed because". */
  readonly because: string;
}

/** What a block leaves open for some of its hyper-parameters, in the size variables of a signature. */
export interface OpenSignature {
  readonly sizes: readonly SizeVar[];
  readonly leftOpen: readonly LeftOpen[];
}

export const NOTHING_OPEN: OpenSignature = { sizes: [], leftOpen: [] };
