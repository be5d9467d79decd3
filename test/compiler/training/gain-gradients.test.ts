import { describe, expect, it } from 'vitest';
import { concreteType, interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { arrange, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { runPasses } from '../../../src/compiler/passes/pass.ts';
import { stepPasses } from '../../../src/compiler/passes/pipelines.ts';
import { gradientGraph } from '../../../src/compiler/targets/gradient-graph.ts';
import { initialWeights } from '../../../src/compiler/targets/initial-weights.ts';
import { gradientName } from '../../../src/compiler/targets/onnx-train.ts';
import { sizeNumbers } from '../../../src/compiler/ir/size-numbers.ts';
import type { SafeTensor } from '../../../src/runtime/safetensors.ts';
import { moduleOf } from '../../support/model-graph.ts';
import { samplesOf } from '../../support/network-pair.ts';
import { ortGradients } from '../../support/ort-step.ts';
import { relativeError } from '../../support/random-values.ts';

const batch = 4;
const text = `language 1
import { ConvBnRelu } from "./lib/common.net"
import { DenseBlock, Transition } from "./lib/densenet.net"

model Small() {
  input image: [N, C: 3, H: 16, W: 16]
  body = image |> ConvBnRelu(8, kernel: 3) |> DenseBlock(3, growth: 4, expansion: 2) |> Transition
  logits = body |> relu |> mean(over: [H, W]) |> linear(C -> K: 3)
  output logits
}

train Small {
  target wanted: [N, K: 3]
  loss = mean((logits - wanted) * (logits - wanted), over: [N, K])
  optimizer sgd(0.1)
}
`;
const module = moduleOf('models/small.net', { text });
const { gradients } = gradientGraph(module, { batch });
if (gradients === undefined) throw new Error('there are no gradients');
const { graph, slopes } = gradients;
const outputs = slopes.map(({ param, gradient }) => ({
  name: gradientName(param.path),
  value: gradient,
  labels: undefined,
}));
const whole = { ...graph, outputs: [...graph.outputs, ...outputs] };

/**
 * How far the gradients by each weight are from float64 at most, where batch norms have these weights and biases. Not of
 * the first batch norm: what follows norms again what its weight has scaled, so that next to nothing is left of that
 * gradient to be compared with.
 */
async function largestError(batchNorm: (number: number) => Norm): Promise<number> {
  const initial = initialWeights(whole.params, 1);
  const weights = new Map(
    whole.params.map(({ path, role }): [string, Float32Array] => {
      const data = initial.get(path) ?? new Float32Array();
      const which = role === 'weight' && data.length > 3 ? /batch_norm\/(weight|bias)$/.exec(path)?.[1] : undefined; // prettier-ignore
      if (which === undefined) return [path, data];
      return [path, data.map((_, number) => batchNorm(number)[which === 'bias' ? 'bias' : 'weight'])];
    }),
  );
  const samples = samplesOf(module, batch, 1);
  const inputs = new Map(
    whole.inputs.map(({ name, value: { type } }): [string, NdArray] => [
      name,
      { type: concreteType(type, new Map()), data: Float64Array.from(samples.get(name)?.data ?? [], Number) },
    ]),
  );
  const exact = interpretGraph(whole, inputs, weights).outputs;
  const given = whole.params.map(({ path, value: { type } }): [string, SafeTensor] => {
    const data = Float32Array.from(weights.get(path) ?? []);
    return [path, { dtype: 'F32', shape: sizeNumbers(type.axes), data }];
  });
  const actual = await ortGradients(module, batch, new Map([...given, ...samples]));
  const compared = slopes.filter(({ param: { path } }) => !path.startsWith('body/ConvBnRelu/batch_norm'));
  const errors = compared.map(({ param: { path, value } }) => {
    const result = exact.get(gradientName(path));
    const data = result && arrange(result, concreteType(value.type, new Map())).data;
    return relativeError(actual.get(path) ?? [], data ?? new Float64Array());
  });
  return Math.max(...errors);
}

interface Norm {
  readonly weight: number;
  readonly bias: number;
}

describe('a step of a small DenseNet', () => {
  it('has the gradients of all gains before convolutions from the weights', () => {
    const { nodes } = runPasses(whole, stepPasses);
    const found = nodes.filter(({ op }) => op === 'gain_gradient').length;
    // Those of a tensor with itself are variances.
    const left = nodes.filter(({ op, inputs: [a, b] }) => op === 'channel_dot' && a !== b).length;
    // Two in each layer. What the first batch norm makes goes into a concatenation, that of the transition into a pool.
    expect([found, left]).toEqual([6, 2]);
  });

  it.each<readonly [string, (number: number) => Norm]>([
    ['as it starts', () => ({ weight: 1, bias: 0 })],
    ['with weights of both signs', (i) => ({ weight: i % 2 === 0 ? 0.7 : -1.2, bias: 0.1 * (i % 5) })],
    ['with weights near 0', (i) => ({ weight: i % 3 === 0 ? 1e-4 : 1, bias: -1e-5 })],
    ['with a weight of 0', (i) => ({ weight: i === 1 ? 0 : 1, bias: 0.1 })],
    ['with large biases', (i) => ({ weight: 0.2, bias: i % 2 === 0 ? 2 : -0.1 })],
  ])('has gradients in float32 that are those in float64, %s', async (_name, batchNorm) => {
    expect(await largestError(batchNorm)).toBeLessThan(3e-5);
  });
});
