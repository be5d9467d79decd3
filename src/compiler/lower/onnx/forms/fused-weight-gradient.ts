import { convolutionOf, weightGradientSample } from '../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, floorDiv } from '../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';
import { windowsInOrder } from '../../../ops/window.ts';
import { convolutionShape, milliseconds, windowShape, type WindowShape } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * Of a convolution of kernel 1 the gradient by its weight is for each image the product of g and x transposed, which
 * FusedMatMul makes without a transposed copy of x. A stride leaves most of x out, and so it is left out before.
 */
export const fusedWeightGradient: OnnxForm<ConvAttributes> = {
  name: 'fused',
  op: 'conv_weight_gradient',
  doc: 'a matrix product for each image whose second operand is transposed while it is read',
  saves: ({ inputs, outputs }, attributes) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const shape = convolutionShape(attributes, { x: x.type, weight: only(outputs).type, y: g.type });
    if (shape === undefined) return undefined;
    const { windows, batch, groups, from, to } = shape;
    if (windows.some(({ kernel, before, after }) => kernel !== 1 || before !== 0 || after !== 0))
      return undefined;
    // Of one channel in a group and one result there is no product to be made.
    if (from === groups && to === groups && groups > 1) return undefined;
    return shape.x * milliseconds.transposed - batch * shape.weight * milliseconds.summed;
  },
  samples: [
    convolutionSample({ N: 2, C: 5, H: 4, W: 3 }, { out: 7, kernel: { H: 1, W: 1 } }),
    convolutionSample({ N: 3, C: 6, T: 7 }, { out: 4, kernel: { T: 1 }, groups: 2 }),
    convolutionSample({ A: 2, N: 2, C: 3, H: 7, W: 6 }, { out: 4, kernel: { H: 1, W: 1 }, stride: 2 }),
    convolutionSample({ C: 3, H: 7, W: 6 }, { out: 4, kernel: { H: 1, W: 1 }, strides: { W: 3 } }),
  ].map((sample) => weightGradientSample(convolutionOf(sample))),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows, groups } }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const types = named(inputTypes, ['x', 'g']);
    const weight = only(outputTypes);
    const inOrder = windowsInOrder(types.x, windows);
    const [made = constant(1), members = constant(1)] = sizesOf(weight);
    const rows = floorDiv(made, groups);
    const points = product(sizesOf(types.g).slice(-inOrder.length));
    const batch = product(sizesOf(types.g).slice(0, -inOrder.length - 1));
    const read = everyStride(e, x, inOrder.map(windowShape), sizesOf(types.g));
    const operands = [
      e.reshape(g, [batch, groups, rows, points]),
      e.reshape(read, [batch, groups, members, points]),
    ];
    const dims = [groups, rows, members];
    const images = e.node(
      'FusedMatMul',
      operands,
      { dims: [batch, ...dims] },
      { transB: int(1) },
      'com.microsoft',
    );
    const sum = e.node('ReduceSum', [images, e.ints([0])], { dims }, { keepdims: int(0) });
    return [e.reshape(sum, sizesOf(weight))];
  },
};

/** The elements of x that a kernel of 1 reads: along the last axes, every first of as many as the stride. */
function everyStride(
  e: OnnxEmitter,
  x: OnnxTensor,
  windows: readonly WindowShape[],
  to: OnnxTensor['dims'],
): OnnxTensor {
  if (windows.every(({ stride }) => stride === 1)) return x;
  const first = x.dims.length - windows.length;
  const strides = windows.map(({ stride }) => stride);
  const bounds = [
    e.ints(windows.map(() => 0)),
    e.ints(windows.map(() => 2 ** 31 - 1)),
    e.ints(windows.map((_window, i) => first + i)),
    e.ints(strides),
  ];
  return e.node('Slice', [x, ...bounds], { dims: [...x.dims.slice(0, first), ...to.slice(-windows.length)] });
}
