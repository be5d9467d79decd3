import type { GraphValue } from '../ir/graph.ts';
import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import { elements, sizesAlong } from '../ops/sizes-of.ts';
import type { GraphRewriter, Place } from '../passes/graph-rewriter.ts';

/** The one axis of packed vectors: no name that a user can write. */
export const packedAxis = '.packed';

/** A value of a graph, and the type whose order of axes is that of its elements in the vector. */
export interface Packable {
  readonly value: GraphValue;
  readonly like: TensorType;
  readonly at: Place;
}

/** Tensors as one vector, one behind the other, each row-major. All have an axis or more. */
export function pack(rewriter: GraphRewriter, tensors: readonly Packable[], hint: string): GraphValue {
  const vectors = tensors.map(({ value, like, at }) => flatten(rewriter, value, axisNames(like), at));
  const [first, second] = vectors;
  const at = tensors[0]?.at;
  if (first === undefined || at === undefined) throw new Error('nothing was to be packed');
  return second === undefined ? first : rewriter.emitOne('concat', vectors, { axis: packedAxis }, hint, at);
}

/** The tensors that were packed, each of the type of its like. */
export function unpack(
  rewriter: GraphRewriter,
  packed: GraphValue,
  members: readonly { readonly like: GraphValue; readonly at: Place }[],
): readonly GraphValue[] {
  const lengths = members.map(({ like }) => elements(like.type));
  const [first, second] = members;
  const pieces =
    first === undefined || second === undefined
      ? [packed]
      : rewriter.emit('cut', [packed], { axis: packedAxis, lengths }, packed.hint, first.at);
  return members.map(({ like: { hint, type }, at }, i) => {
    const piece = pieces[i];
    if (piece === undefined) throw new Error(`${hint} was packed and is not there`);
    const to = axisNames(type);
    return type.axes.length === 1
      ? rewriter.emitOne('rename', [piece], { from: [packedAxis], to }, hint, at)
      : rewriter.emitOne('factor', [piece], { from: packedAxis, to: sizesAlong(type, to.map((axis) => ({ axis }))) }, hint, at); // prettier-ignore
  });
}

function flatten(rewriter: GraphRewriter, value: GraphValue, from: readonly string[], at: Place): GraphValue {
  return from.length === 1
    ? rewriter.emitOne('rename', [value], { from, to: [packedAxis] }, value.hint, at)
    : rewriter.emitOne('merge', [value], { from, to: packedAxis }, value.hint, at);
}
