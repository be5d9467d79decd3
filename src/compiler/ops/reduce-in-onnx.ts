import { int, ints, type OnnxEmitter, type OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant } from '../shapes/size.ts';

export type OnnxReduction =
  'ReduceMax' | 'ReduceMean' | 'ReduceMin' | 'ReduceProd' | 'ReduceSum' | 'ReduceSumSquare';

/**
 * A reduction over the axes at these positions, which become axes of 1 or disappear. Over none each element stays by
 * itself, where ONNX would take no axes for all: so it is in a batch norm whose channel is the only axis.
 */
export function reduceInOnnx(
  e: OnnxEmitter,
  operator: OnnxReduction,
  x: OnnxTensor,
  axes: readonly number[],
  reduced: 'become 1' | 'disappear' = 'disappear',
): OnnxTensor {
  if (axes.length === 0) return operator === 'ReduceSumSquare' ? e.node('Mul', [x, x], x) : x;
  const isKept = reduced === 'become 1';
  const dims = x.dims.flatMap((size, i) => {
    if (!axes.includes(i)) return [size];
    return isKept ? [constant(1)] : [];
  });
  const keepdims = int(Number(isKept));
  // The axes of the others are still an attribute in operator set 17.
  return operator === 'ReduceSum'
    ? e.node(operator, [x, e.ints(axes)], { dims }, { keepdims })
    : e.node(operator, [x], { dims }, { axes: ints(axes), keepdims });
}
