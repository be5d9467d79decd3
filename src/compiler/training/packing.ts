import type { GradientBuilder } from '../ops/gradient.ts';
import type { GraphValue } from '../ir/graph.ts';
import { axisNames } from '../ir/tensor-type.ts';

/** The one axis of packed vectors: no name that a user can write. */
const axis = '.packed';

/** Vectors one behind the other. */
export function pack(b: GradientBuilder, vectors: readonly GraphValue[]): GraphValue {
  const alike = vectors.map((vector) =>
    b.one('rename', [vector], { from: axisNames(vector.type), to: [axis] }),
  );
  return b.one('concat', alike, { axis });
}

/** The vectors that were packed, each with the axis of its like. */
export function unpack(
  b: GradientBuilder,
  packed: GraphValue,
  like: readonly GraphValue[],
): readonly GraphValue[] {
  const lengths = like.flatMap(({ type }) => type.axes.map(({ size }) => size));
  const pieces = b.emit('cut', [packed], { axis, lengths });
  return like.map(({ hint, type }, i) => {
    const piece = pieces[i];
    if (piece === undefined) throw new Error(`${hint} was packed and is not there`);
    return b.one('rename', [piece], { from: [axis], to: axisNames(type) });
  });
}
