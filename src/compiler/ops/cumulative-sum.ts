import { axisNames } from '../ir/tensor-type.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type CumulativeSumAttributes = {
  readonly axis: string;
  /** Whether sums grow from the end, as those of the gradient do. */
  readonly reverse: boolean;
};

export const cumulativeSumAlong: Op<CumulativeSumAttributes> = {
  name: 'cumsum',
  doc: 'y[.., i] = x[.., 0] + ... + x[.., i], or in reverse x[.., i] + ... + x[.., n - 1]',
  infer: (inputs, { axis }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'cumsum', x) || expectAxis(ctx, '`cumsum`', x, axis) === undefined)
      return undefined;
    return [x];
  },
  evaluate: (inputs, { axis, reverse }, outputs) => {
    const x = only(inputs);
    const out = zeros(only(outputs));
    const [size, from, to] = [sizeOf(x.type, axis), strideOf(x.type, axis), strideOf(out.type, axis)];
    const others = out.type.axes.filter(({ name }) => name !== axis);
    forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const i = reverse ? size - 1 - k : k;
        sum += x.data[xAt + i * from] ?? NaN;
        out.data[outAt + i * to] = sum;
      }
    });
    return [out];
  },
  layout: (inputs, { axis }, _outputs, dialect, sorted) => {
    // The gradient of TensorFlow.js is right along the last axis alone.
    const order = dialect === 'channels-last' ? ['...', axis] : sorted(axisNames(only(inputs)));
    return { inputs: [order], outputs: [order] };
  },
  onnx: (e, { inputs, inputTypes, attributes: { axis, reverse } }) => {
    const x = only(inputs);
    const position = e.reshape(e.ints([axisNames(only(inputTypes)).indexOf(axis)]), []);
    return [
      e.node('CumSum', [x, position], { dims: x.dims }, { reverse: { type: 'int', value: Number(reverse) } }),
    ];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { axis, reverse } }) => {
    const position = e.number(axisNames(only(inputTypes)).indexOf(axis));
    return [`tf.cumsum(${only(inputs)}, ${position}${reverse ? ', false, true' : ''})`];
  },
  gradient: (b, { attributes: { axis, reverse }, gradients }) => {
    const gradient = only(gradients);
    return [gradient && b.one('cumsum', [gradient], { axis, reverse: !reverse })];
  },
  flops: (inputs) => elements(only(inputs)),
  samples: [
    { N: 3, T: 5 },
    { T: 5, N: 3 },
    { T: 9 },
    { N: 2, T: 1 },
    { N: 2, C: 3, H: 2, T: 4 },
    { T: 4, C: 3, W: 2 },
    { A: 2, B: 2, T: 3, D: 2, E: 1 },
    { N: 1, T: 40 },
  ].flatMap((sizes) =>
    [1, 2, 6, 20].map((range) => ({
      inputs: [concrete(sizes)],
      attributes: { axis: 'T', reverse: range === 2 },
      ranges: [[-range, range] as const],
    })),
  ),
};

export const cumulativeSum = surfaceOp({
  name: 'cumsum',
  doc: 'Sums of all elements up to each place along an axis, that place included.',
  example: 'cumsum(T)(x)',
  arguments: { axis: { kind: 'axis', positional: true, doc: 'the axis along which sums grow' } },
  operands: ['x'],
  parameterised: false,
  build(b, { axis }, operands) {
    const x = tensorOperand(b, 'cumsum', operands);
    return x && b.emitOne(cumulativeSumAlong, [x], { axis, reverse: false });
  },
});
