import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph, type GraphResults } from '../../../../src/compiler/interpret/interpret-graph.ts';
import type { Module } from '../../../../src/compiler/ir/module.ts';
import type { NdArray } from '../../../../src/compiler/ops/nd-array.ts';
import { uniforms } from '../../../../src/compiler/random/generator.mjs';
import { readSafetensors, type SafeTensor, type Safetensors } from '../../../../src/runtime/safetensors.ts';
import { initialWeights } from '../../../../src/compiler/targets/initial-weights.ts';
import { graphOf } from '../../../support/model-graph.ts';
import { relativeDifference } from '../../../support/random-values.ts';
import { compiled } from './compiled.ts';
import {
  inProgramFolder,
  loadProgram,
  type GeneratedProgram,
  type Tensors,
  type WeightTree,
} from './generated.ts';
import { sources } from './sources.ts';

function valuesOf(shapes: Readonly<Record<string, readonly number[]>>): Map<string, Float32Array> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from(uniforms(count, 7, name), (u) => 2 * u - 1)];
    }),
  );
}

const seed = 3;

/** Weights as the checkpoint of a program has them. */
async function saved(program: GeneratedProgram, w: WeightTree): Promise<Safetensors> {
  return inProgramFolder(async (folder) => {
    const file = join(folder, 'w.safetensors');
    await program.saveWeights(w, file);
    return readSafetensors(file);
  });
}

function numbers(tensor: SafeTensor | undefined): number[] {
  return Array.from(tensor?.data ?? [], Number);
}

describe.each(sources)('$name', ({ source, shapes }) => {
  const values = valuesOf(shapes);
  let module: Module;
  let program: GeneratedProgram;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    module = compiled(source);
    program = await loadProgram(module);
  });

  /** Computed keys: a name such as `__proto__` is a key like any other. */
  const batch = (): Tensors =>
    Object.fromEntries([...values].map(([name, data]) => [name, tf.tensor(data, [...(shapes[name] ?? [])])]));

  function interpret(mode: 'infer' | 'train', entry: 'model' | 'training'): GraphResults {
    const graph = graphOf(module, { mode, entry });
    const inputs = graph.inputs.map(({ name, value }): [string, NdArray] => {
      const axes = value.type.axes.map((axis, i) => ({ name: axis.name, size: shapes[name]?.[i] ?? NaN }));
      return [name, { type: { dtype: 'f32', axes }, data: Float64Array.from(values.get(name) ?? []) }];
    });
    return interpretGraph(graph, new Map(inputs), initialWeights(graph.params, seed));
  }

  it('starts with the weights of every target', async () => {
    const graph = graphOf(module, { mode: 'infer' });
    const wanted = initialWeights(graph.params, seed);
    const { tensors } = await saved(program, program.createWeights(seed));
    expect([...tensors.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [path, values] of wanted) expect(numbers(tensors.get(path)), path).toEqual([...values]);
  });

  it.each(['infer', 'train'] as const)('computes the outputs of the interpreter in mode %s', async (mode) => {
    const { outputs, updates } = interpret(mode, 'model');
    const w = program.createWeights(seed);
    const results = program.model(batch(), w, { training: mode === 'train' });
    expect(Object.keys(results)).toEqual([...outputs.keys()]);
    for (const [name, wanted] of outputs) {
      const got = results[name];
      expect(got?.shape).toEqual(wanted.type.axes.map(({ size }) => size));
      expect(relativeDifference(got?.dataSync() ?? [], wanted.data), name).toBeLessThan(1e-5);
    }
    const { tensors } = await saved(program, w);
    for (const [path, { data }] of updates) {
      expect(relativeDifference(numbers(tensors.get(path)), data), path).toBeLessThan(1e-5);
    }
  });

  it('computes the loss of the interpreter while training', async () => {
    const { outputs } = interpret('train', 'training');
    const w = program.createWeights(seed);
    const { loss, gradients } = await program.gradients(w, batch());
    expect(relativeDifference([loss], outputs.get('loss')?.data ?? [])).toBeLessThan(1e-5);
    expect([...gradients.keys()]).toEqual(
      program.parameters.filter(({ role }) => role !== 'state').map(({ path }) => path),
    );
  });
});
