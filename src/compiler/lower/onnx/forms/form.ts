import type { GraphValue } from '../../../ir/graph.ts';
import type { Attributes } from '../../../ops/attributes.ts';
import type { Lowered, Sample } from '../../../ops/op.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';

/** The tensors of a node, their axes in the order in which they lie in memory. */
export interface FormedNode {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** The tensors of a node that lie in blocks of channels, by their positions. */
export interface BlockedPlaces {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * Another way to write an op as ONNX nodes than that of its own file, which is of standard operators: faster on some
 * provider, for some shapes, and perhaps of operators that only this provider has.
 */
export interface OnnxForm<A extends Attributes = Attributes> {
  /** As `choose-forms` prints it; no other form of the op has it. */
  readonly name: string;
  /** The op that it is a form of. */
  readonly op: string;
  readonly doc: string;
  /**
   * What it saves against the op's own lowering, in the milliseconds of the machine on which the model of costs was
   * measured; negative where it is slower, undefined where it cannot take the node.
   */
  saves(node: FormedNode, attributes: A): number | undefined;
  /** Cases that it can take, by which it is held to what the op is defined to be, whether they are worth it or not. */
  readonly samples: readonly Sample<A>[];
  /** Which of its tensors it takes and gives in blocks of channels; none where this is left out. */
  blocks?(node: FormedNode, attributes: A): BlockedPlaces;
  onnx(e: OnnxEmitter, node: Lowered<A, OnnxTensor>): readonly OnnxTensor[];
}
