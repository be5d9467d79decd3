import type { NoAttributes } from '../../../ops/attributes.ts';
import type { GeluAttributes } from '../../../ops/gelu.ts';
import { only } from '../../../ops/named.ts';
import { concrete } from '../../../ops/nd-array.ts';
import { elements, numberOf } from '../../../ops/sizes-of.ts';
import { milliseconds } from './convolution-cost.ts';
import type { FormedNode, OnnxForm } from './form.ts';

/** x sigmoid(x) by the operator of ONNX Runtime for x sigmoid(alpha x). */
export const siluInOne: OnnxForm<NoAttributes> = {
  name: 'in-one',
  op: 'silu',
  doc: 'one operator instead of two',
  saves: (node) => passesSaved(node, 1),
  samples: [
    { inputs: [concrete({ N: 3, T: 5, D: 7 })], attributes: {}, ranges: [[-20, 20]] },
    { inputs: [concrete({})], attributes: {} },
  ],
  onnx: (e, { inputs }) => {
    const x = only(inputs);
    return [e.node('QuickGelu', [x], x, { alpha: { type: 'float', value: 1 } }, 'com.microsoft')];
  },
};

/** ONNX Runtime's own operators for either gelu. */
export const geluInOne: OnnxForm<GeluAttributes> = {
  name: 'in-one',
  op: 'gelu',
  doc: 'one operator instead of five, or nine',
  saves: (node, { tanh }) => passesSaved(node, tanh ? 8 : 4),
  samples: [
    { inputs: [concrete({ N: 3, T: 5, D: 7 })], attributes: { tanh: false }, ranges: [[-6, 6]] },
    { inputs: [concrete({ N: 3, T: 5, D: 7 })], attributes: { tanh: true }, ranges: [[-6, 6]] },
    { inputs: [concrete({})], attributes: { tanh: false } },
  ],
  onnx: (e, { inputs, attributes: { tanh } }) => {
    const x = only(inputs);
    return [e.node(tanh ? 'FastGelu' : 'Gelu', [x], x, {}, 'com.microsoft')];
  },
};

/** Undefined where it is known only when the graph runs how large the tensor is. */
function passesSaved({ outputs }: FormedNode, passes: number): number | undefined {
  const count = elements(only(outputs).type);
  return count.value === undefined ? undefined : numberOf(count) * passes * milliseconds.passed;
}
