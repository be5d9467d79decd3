import { convolutionOf, weightGradientSample } from '../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, floorDiv, mul, type Size } from '../../../shapes/size.ts';
import { int, type OnnxTensor } from '../emitter.ts';
import { sumOverFirst } from './add-up.ts';
import { convolutionShape, isPointwise, milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * Of a convolution of kernel 1 the gradient by its weight is the product of g and x transposed, which FusedMatMul makes
 * without a transposed copy: of each image, to be summed, or of all of them in a row.
 */
export const fusedWeightGradient: OnnxForm<ConvAttributes> = {
  name: 'fused',
  op: 'conv_weight_gradient',
  doc: 'a matrix product whose second operand is transposed while it is read',
  saves: ({ inputs, outputs }, attributes) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const shape = convolutionShape(attributes, { x: x.type, weight: only(outputs).type, y: g.type });
    if (shape === undefined || !isPointwise(shape)) return undefined;
    const { from, to, groups } = shape;
    // Of one channel in a group and one result there is no product to be made.
    if (from === groups && to === groups && groups > 1) return undefined;
    return Math.min(shape.x, shape.y) * milliseconds.transposed;
  },
  samples: [
    convolutionSample({ N: 2, C: 5, H: 4, W: 6 }, { out: 7, kernel: { H: 1, W: 1 } }),
    convolutionSample({ N: 2, C: 12, H: 2, W: 1 }, { out: 8, kernel: { H: 1, W: 1 } }),
    convolutionSample({ N: 3, C: 6, T: 7 }, { out: 4, kernel: { T: 1 }, groups: 2 }),
    convolutionSample({ A: 2, N: 2, C: 12, T: 2 }, { out: 16, kernel: { T: 1 }, groups: 2 }),
    convolutionSample({ C: 3, H: 7, W: 6 }, { out: 4, kernel: { H: 1, W: 1 } }),
  ].map((sample) => weightGradientSample(convolutionOf(sample))),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows, groups } }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const sizes = sizesOf(named(inputTypes, ['x']).x);
    const weight = sizesOf(only(outputTypes));
    const [made = constant(1), members = constant(1)] = weight;
    const rows = floorDiv(made, groups);
    const points = product(sizes.slice(-windows.length));
    const batch = product(sizes.slice(0, -windows.length - 1));
    const operands = [
      e.reshape(g, [batch, groups, rows, points]),
      e.reshape(x, [batch, groups, members, points]),
    ];
    const multiply = (sides: readonly OnnxTensor[], dims: readonly Size[]): OnnxTensor =>
      e.node('FusedMatMul', sides, { dims }, { transB: int(1) }, 'com.microsoft');
    const dims = [groups, rows, members];
    const elements = e.constant(mul(rows, members));
    // What is written for each image, or copied of each, to stand in a row.
    if (elements > e.constant(mul(points, constant(e.constant(rows) + e.constant(members))))) {
      const inARow = operands.map((side) => {
        const [, , channels = constant(1)] = side.dims;
        return e.reshape(e.transpose(side, [1, 2, 0, 3]), [groups, channels, mul(batch, points)]);
      });
      return [e.reshape(multiply(inARow, dims), weight)];
    }
    const images = multiply(operands, [batch, ...dims]);
    return [e.reshape(sumOverFirst(e, images), weight)];
  },
};
