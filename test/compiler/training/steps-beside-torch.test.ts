import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../src/compiler/targets/initial-weights.ts';
import { sizeNumbers } from '../../../src/compiler/ir/size-numbers.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { graphOf, moduleOf } from '../../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { ortStep } from '../../support/ort-step.ts';
import { randomNumbers, relativeError } from '../../support/random-values.ts';

const missing = oracleMissing('torch');
const [steps, batches, batch, size, classes] = [100, 5, 4, 12, 3];
const rate = 0.01;

/** What `Small` of the oracle is. */
const sourceOf = (optimizer: string): string => `language 1
import { ConvBnRelu } from "./lib/common.net"
import { AsymmetricShiftFocal } from "./lib/losses.net"
import { BasicBlock } from "./lib/resnet.net"

model Small() {
  input image: [N, C: 3, H: ${size}, W: ${size}]
  stem = image |> ConvBnRelu(6, kernel: 3)
  body = BasicBlock(6)(stem)
  pooled = body |> max_pool(over: [H: 2, W: 2]) |> mean(over: [H, W])
  logits = pooled |> linear(C -> K: ${classes})
  output logits
}

train Small {
  target findings: [N, K: ${classes}]
  weight known: [N, K: ${classes}]
  loss = AsymmetricShiftFocal()(logits, findings, known)
  optimizer ${optimizer}
}
`;

const tensor = (shape: readonly number[], data: Float32Array<ArrayBuffer>): SafeTensor => ({
  dtype: 'F32',
  shape,
  data,
});

const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Some batches one behind the other. */
function samples(): ReadonlyMap<string, SafeTensor> {
  const drawn = (shape: readonly number[], seed: number) =>
    Float32Array.from(randomNumbers(count(shape), seed, -2, 2));
  const images = [batches, batch, 3, size, size];
  const labels = [batches, batch, classes];
  return new Map([
    ['image', tensor(images, drawn(images, 1))],
    ['findings', tensor(labels, drawn(labels, 2).map((x) => (x < 0 ? 0 : 1)))],
    ['known', tensor(labels, drawn(labels, 3).map((x) => (x < -1 ? 0 : 1)))],
  ]); // prettier-ignore
}

function numbers({ data }: SafeTensor): Float32Array<ArrayBuffer> {
  if (!(data instanceof Float32Array)) throw new Error('a tensor is not of float32');
  return Float32Array.from(data);
}

/** A row of a tensor whose first axis counts them. */
function rowOf(of: SafeTensor, at: number): SafeTensor {
  const [, ...shape] = of.shape;
  return tensor(shape, numbers(of).slice(at * count(shape), (at + 1) * count(shape)));
}

function row({ tensors }: Safetensors, name: string, at: number): SafeTensor {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`the oracle gave no ${name}`);
  return rowOf(found, at);
}

const rootMeanSquare = (values: readonly number[]): number =>
  Math.hypot(...values) / Math.sqrt(values.length);

describe.skipIf(missing !== undefined).each([
  ['sgd', `sgd(lr: ${rate}, momentum: 0.9)`, { lr: rate, momentum: 0.9 }, 4],
  ['adam', `adam(lr: ${rate})`, { lr: rate }, 5],
] as const)(
  `a step of %s in ONNX Runtime beside PyTorch's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (optimizer, setting, settings, kinds) => {
    it("is no further from float64 than three times PyTorch's own in float32, from each of 100 states", async () => {
      const module = moduleOf('models/small.net', { text: sourceOf(setting) });
      const { params } = graphOf(module, { mode: 'infer' });
      const initial = initialWeights(params, 1);
      const state = params.map(({ path, value }): [string, SafeTensor] => [
        `state/${path}`,
        tensor(sizeNumbers(value.type.axes), Float32Array.from(initial.get(path) ?? [])),
      ]);
      const given = samples();
      const request = { network: 'small', optimizer, settings, steps };
      const reference = await askOracle('training_steps', request, new Map([...state, ...given]));
      const paths = [...reference.tensors.keys()].flatMap((name) => /^before\/(.*)$/.exec(name)?.[1] ?? []);
      const step = await ortStep(module, batch);
      const errors = new Map<string, { readonly ours: number[]; readonly theirs: number[] }>();
      for (let at = 0; at < steps; at++) {
        const before = paths.map((path): [string, SafeTensor] => [
          path,
          row(reference, `before/${path}`, at),
        ]);
        const now = [...given].map(([name, of]): [string, SafeTensor] => [name, rowOf(of, at % batches)]);
        const after = await step.run(new Map([...before, ...now]), { rate, step: at + 1 });
        expect([...after.keys()].toSorted()).toEqual(paths.toSorted());
        for (const [path, ours] of after) {
          const exact = numbersOf(reference, `after/${path}`).subarray(
            at * ours.length,
            (at + 1) * ours.length,
          );
          const [kind = 'weight'] = /^optimizer\.\w+|running_\w+$/.exec(path) ?? [];
          const known = errors.get(kind) ?? { ours: [], theirs: [] };
          errors.set(kind, known);
          known.ours.push(relativeError(ours, exact));
          known.theirs.push(relativeError(numbers(row(reference, `float32/${path}`, at)), exact));
          if (path.includes('/running_')) expect(known.ours.at(-1), `${path} at ${at}`).toBeLessThan(1e-6);
        }
      }
      await step.close();
      // Of a single tensor in a single step both errors are chance: what counts is how large they are on the whole.
      expect(errors.size).toBe(kinds);
      for (const [kind, { ours, theirs }] of errors) {
        expect(rootMeanSquare(ours) / rootMeanSquare(theirs), kind).toBeLessThanOrEqual(3);
      }
    });
  },
);
