import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ConcreteType, NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { expectClose } from './expect-close.ts';
import { physical, programOrders, type PhysicalRun } from './physical.ts';
import { concreteType, isOfPrograms, randomArray, sampleRuns, type SampleRun } from './sample-runs.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

/** Where gradients come from, and the backend that they run on. */
export interface GradientSource {
  readonly gradients: string;
  readonly backend: 'cpu' | 'wasm';
  readonly register: () => unknown;
}

/** Half the distance of the two points of a difference quotient; the interpreter is in float64. */
const step = 1e-5;

/** From f32 to f32: nothing passes an int32 or a bool. */
function isDifferentiable({ inputs, outputs }: SampleRun): boolean {
  const types = [inputs.map(({ type }) => type), outputs];
  return types.every((side) => side.some(isFloat));
}

function isFloat({ dtype }: ConcreteType): boolean {
  return dtype === 'f32';
}

/** No loss depends on the state that a training pass leaves. */
function isState({ op }: SampleRun, output: number): boolean {
  return [...ops.values()].some(
    ({ training }) => training?.op === op.name && training.state.some(([, place]) => place === output),
  );
}

/** Holds the gradients of all samples to the interpreter's. They stay registered: sources that differ need files of their own. */
export function compareGradients(sources: readonly GradientSource[]): void {
  const cases = sources.flatMap((source) =>
    programOrders.slice(0, 2).map((order) => ({ ...source, ...order })),
  );
  describe.each(cases)('$gradients are those of the interpreter, axes $name', (setting) => {
    const { backend, register, ...order } = setting;
    beforeAll(async () => {
      await register();
      await tf.setBackend(backend);
    });

    test.each(sampleRuns(isOfPrograms).filter(isDifferentiable))('$label', (run) => {
      const placed = physical(run, 'channels-last', order);
      const cotangents = placed.expected.map(({ type }, i) =>
        randomArray(type, `${run.label} cotangent ${i}`, isState(run, i) ? [0, 0] : [-1, 1]),
      );
      const gradients = tfjsGradients(placed, cotangents);
      placed.arranged.forEach((x, i) => {
        if (!isFloat(x.type)) return;
        const gradient = gradients[i];
        expect(gradient?.length).toBe(x.data.length);
        expectClose(gradient ?? [], differences(placed, cotangents, i), 2e-5);
      });
    });
  });
}

/** The derivative of sum(cotangent * output) by every input that is of f32; undefined for the others. */
function tfjsGradients(
  run: PhysicalRun,
  cotangents: readonly NdArray[],
): readonly (Float32Array | undefined)[] {
  const f = tfjsFunction(run);
  return tf.tidy(() => {
    const given = run.arranged.map(toTensor);
    const floats = given.filter(({ dtype }) => dtype === 'float32');
    const objective = (...varied: tf.Tensor[]): tf.Scalar => {
      const inputs = given.map((input) => (floats.includes(input) ? (varied.shift() ?? input) : input));
      const parts = f(inputs, false).map((output, i) => {
        const cotangent = cotangents[i];
        if (cotangent === undefined) throw new Error('an output more than expected');
        return tf.sum(tf.mul(output, toTensor(cotangent)));
      });
      return tf.sum<tf.Scalar>(tf.stack(parts));
    };
    const gradients = tf
      .grads(objective)(floats)
      .map((gradient) => Float32Array.from(gradient.dataSync()));
    return given.map((input) => (floats.includes(input) ? gradients.shift() : undefined));
  });
}

/** The same from central differences of the interpreter. */
function differences(run: PhysicalRun, cotangents: readonly NdArray[], index: number): readonly number[] {
  const types = run.outputTypes.map(concreteType);
  const objective = (inputs: readonly NdArray[]): number =>
    run.op.evaluate(inputs, run.sample.attributes, types).reduce((total, { data }, i) => {
      const cotangent = cotangents[i]?.data;
      return data.reduce((sum, value, k) => sum + value * (cotangent?.[k] ?? NaN), total);
    }, 0);
  const x = run.arranged[index];
  if (x === undefined) return [];
  const at = (k: number, value: number): number =>
    objective(run.arranged.with(index, { type: x.type, data: x.data.with(k, value) }));
  return Array.from(x.data, (value, k) => (at(k, value + step) - at(k, value - step)) / (2 * step));
}
