import { print } from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { innerAxes, isPart, sizeOf, withAxes, withoutAxes, writtenAxes, type TensorType } from '../tensor.ts';

const asBool = (type: TensorType): TensorType => ({ ...type, dtype: 'bool' });
const asInt = (type: TensorType): TensorType => ({ ...type, dtype: 'int32' });
const asFloat = (type: TensorType): TensorType => ({ ...type, dtype: 'f32' });

/** A mask, by comparing what is the same number everywhere. */
export const compared: Statement = (b) => {
  const x = b.choose(({ dtype, isExact }) => dtype !== 'bool' && isExact);
  if (x !== undefined) {
    b.bind(
      `${x.name} ${b.choices.pick(['>', '<=', '==', '!='])} ${x.dtype === 'f32' ? '0.25' : '1'}`,
      asBool(x),
    );
    return true;
  }
  const y = b.chooseFloat((value) => writtenAxes(value).length > 0);
  if (y === undefined) return false;
  const axis = b.choices.pickOf(writtenAxes(y)) ?? '';
  const size = sizeOf(y, axis);
  const type: TensorType = { dtype: 'bool', axes: new Map([[axis, size]]), rest: undefined };
  b.bind(`positions(over: [${axis}: ${print(size)}], type: int32) ${b.choices.pick(['>=', '<'])} 2`, type);
  return true;
};

/** A mask or integers where they count. */
export const kept: Statement = (b) => {
  const mask = b.choose(({ dtype }) => dtype === 'bool');
  if (mask === undefined) return false;
  const x = b.chooseFloat((value) => isPart(mask, value));
  if (x === undefined) {
    b.bind(`cast(${mask.name}, to: f32)`, asFloat(mask), true);
    return true;
  }
  const form = b.choices.pick([
    `select(${mask.name}, ${x.name}, 0)`,
    `select(not ${mask.name}, tanh(${x.name}), ${x.name})`,
    `${x.name} * cast(${mask.name}, to: f32)`,
    `select(${mask.name} or not ${mask.name}, ${x.name}, 1)`,
  ]);
  b.bind(form, x);
  return true;
};

/** The place of the largest, and the element there; the places of inputs are the same everywhere. */
export const looked: Statement = (b) => {
  const x = b.chooseFloat((value) => value.isExact && innerAxes(value).length > 0);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const left = withoutAxes(x, [axis]);
  const at = b.bind(`argmax(${x.name}, ${axis})`, asInt(left));
  if (b.choices.chance(50)) b.bind(`gather(tanh(${x.name}), ${at.name}, along: ${axis})`, left);
  return true;
};

/** Integers as numbers, one of several, or vectors. */
export const counted: Statement = (b) => {
  const x = b.choose(({ dtype }) => dtype === 'int32');
  if (x === undefined) return false;
  const fresh = b.freshAxis();
  const size = b.intOr(3, 1, 4);
  b.pin(size);
  switch (b.choices.below(3)) {
    case 0:
      b.bind(`cast(${x.name}, to: f32) * 0.1`, asFloat(x));
      return true;
    case 1:
      b.bind(
        `${x.name} |> one_hot(over: [${fresh}: ${print(size)}])`,
        asFloat(withAxes(x, { [fresh]: size })),
      );
      return true;
    default: {
      // `minimum` and `maximum` take f32 alone.
      const clamped = `cast(minimum(maximum(cast(${x.name}, to: f32), 0), 6), to: int32)`;
      b.bind(
        `${clamped} |> embedding(into: [${fresh}: ${print(size)}], vocabulary: 7)`,
        asFloat(withAxes(x, { [fresh]: size })),
      );
      return true;
    }
  }
};
