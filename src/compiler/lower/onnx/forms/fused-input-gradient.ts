import {
  convolutionOf,
  inputGradientSample,
  withAddend,
  type Convolution,
} from '../../../ops/conv-gradient-samples.ts';
import type { ConvInputGradientAttributes } from '../../../ops/conv-input-gradient.ts';
import { convolutionSample } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { elements, numberOf, product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant } from '../../../shapes/size.ts';
import { int, ints } from '../emitter.ts';
import { convolutionShape, isPointwise, milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * Of a convolution of kernel 1, with what else comes back to x: a convolution that adds its result to another tensor, in
 * the memory of that where nothing reads it any more.
 */
export const fusedInputGradient: OnnxForm<ConvInputGradientAttributes> = {
  name: 'fused',
  op: 'conv_input_gradient',
  doc: 'a convolution that adds to the addend',
  saves: ({ inputs, outputs }, attributes) => {
    const { g, weight } = named(inputs, ['g', 'weight']);
    const x = only(outputs).type;
    const shape = convolutionShape(attributes, { x, weight: weight.type, y: g.type });
    if (inputs.length < 3 || shape === undefined) return undefined;
    if (shape.groups !== 1 || !isPointwise(shape)) return undefined;
    return numberOf(elements(x)) * milliseconds.passed;
  },
  samples: [
    convolutionSample({ N: 2, C: 5, H: 4, W: 6 }, { out: 7, kernel: { H: 1, W: 1 } }),
    convolutionSample({ N: 3, C: 6, T: 7 }, { out: 4, kernel: { T: 1 } }),
    convolutionSample({ A: 2, N: 2, C: 3, H: 5, W: 4 }, { out: 2, kernel: { H: 1, W: 1 } }),
    convolutionSample({ C: 3, H: 7, W: 6 }, { out: 4, to: 'C', kernel: { H: 1, W: 1 } }),
    convolutionSample({ W: 3, C: 18, N: 1, H: 5 }, { out: 16, kernel: { W: 1, H: 1 } }),
  ].map((sample) => added(convolutionOf(sample))),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
    const { g, weight, addend } = named(inputs, ['g', 'weight', 'addend']);
    const from = sizesOf(named(inputTypes, ['g']).g);
    const to = sizesOf(only(outputTypes));
    const [made = one, members = one] = weight.dims;
    const axis = -windows.length - 1;
    const [batch, points] = [product(from.slice(0, axis)), product(from.slice(axis + 1))];
    const turned = e.transpose(e.reshape(weight, [made, members]), [1, 0]);
    const dims = [batch, members, points, one];
    const operands = [
      e.reshape(g, [batch, made, points, one]),
      e.reshape(turned, [members, made, one, one]),
      undefined,
      e.reshape(addend, dims),
    ];
    const attributes = {
      kernel_shape: ints([1, 1]),
      strides: ints([1, 1]),
      pads: ints([0, 0, 0, 0]),
      dilations: ints([1, 1]),
      group: int(1),
    };
    return [e.reshape(e.node('FusedConv', operands, { dims }, attributes, 'com.microsoft'), to)];
  },
};

const one = constant(1);

function added(convolution: Convolution) {
  return withAddend(inputGradientSample(convolution), convolution);
}
