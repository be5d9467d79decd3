import { runInThisContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { batchNormTrain } from '../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { withNeeds } from '../../../src/compiler/lower/tfjs/helpers/catalogue.ts';
import type { TfjsEmitter, TfjsHelper } from '../../../src/compiler/lower/tfjs/emitter.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { isConstant, type Size } from '../../../src/compiler/shapes/size.ts';
import { uniforms } from '../../../src/compiler/random/philox.ts';
import type { PhysicalRun } from './physical.ts';

/** What a generated program would run for an op, on tensors in memory order. */
export type TfjsFunction = (
  inputs: readonly tf.Tensor[],
  training: boolean,
  random?: RandomSource,
) => tf.Tensor[];

/** Where a program's ops have their random numbers from. */
export interface RandomSource {
  readonly seed: number;
  readonly step: number;
  readonly path: string;
}

export function tfjsFunction({ op, sample, inputTypes, outputTypes }: PhysicalRun): TfjsFunction {
  const helpers = new Set<TfjsHelper>();
  const lets: string[] = [];
  const number = (size: Size): string => {
    const value = isConstant(size);
    if (value === undefined) throw new Error('a sample has a symbolic size');
    return String(value);
  };
  const e: TfjsEmitter = {
    size: number,
    shape: (dims) => `[${dims.map(number).join(', ')}]`,
    number: String,
    helper: (name) => {
      helpers.add(name);
      return name;
    },
    let: (hint, expression) => {
      lets.push(`const ${hint} = ${expression};`);
      return hint;
    },
    random: () => 'random',
  };
  const inputs = inputTypes.map((_type, i) => `x${i}`);
  if (op.tfjs === undefined) throw new Error(`${op.name} is no op of programs`);
  const outputs = op.tfjs(e, { attributes: sample.attributes, inputs, inputTypes, outputTypes });
  const source = [
    '(tf, normaliseBatch, uniforms) => {',
    ...withNeeds(helpers).map((helper) => helper.source),
    `return ([${inputs.join(', ')}], training, random) => {`,
    ...lets,
    `return [${outputs.join(', ')}];`,
    '};',
    '};',
  ].join('\n');
  const program = runInThisContext(source) as (
    library: typeof tf,
    fast: typeof batchNormTrain,
    generator: typeof uniforms,
  ) => TfjsFunction;
  return program(tf, batchNormTrain, uniforms);
}

const dtypes = { f32: 'float32', int32: 'int32', bool: 'bool' } as const;

export function toTensor({ type, data }: NdArray): tf.Tensor {
  return tf.tensor(Float32Array.from(data), type.axes.map(({ size }) => size), dtypes[type.dtype]); // prettier-ignore
}
