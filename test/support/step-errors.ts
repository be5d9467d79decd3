import { readFileSync } from 'node:fs';
import type { Module } from '../../src/compiler/ir/module.ts';
import { sizeNumbers } from '../../src/compiler/ir/size-numbers.ts';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';
import { graphOf, moduleOf } from './model-graph.ts';
import { samplesOf, type NetworkPair } from './network-pair.ts';
import { ortStep } from './ort-step.ts';
import { inRepository } from './repository.ts';
import { streamedSteps, type Errors } from './streamed-steps.ts';

export interface StepRun {
  readonly optimizer: 'sgd' | 'adam';
  readonly size: number;
  readonly batch: number;
  /** How many states of the training in float64 a step is made from. */
  readonly states: number;
  readonly seed: number;
}

/** What the tensors of a state are: weights, running statistics, and what optimisers keep of each weight. */
const kinds = ['weight', 'running_mean', 'running_var', 'velocity', 'sum', 'squares'] as const;
export type Kind = (typeof kinds)[number];

type Tensors = ReadonlyMap<string, SafeTensor>;

/** Batches that are taken in turns. */
const BATCHES = 5;

const optimizers = {
  sgd: { setting: 'sgd(lr: 1e-2, momentum: 0.9)', settings: { lr: 1e-2, momentum: 0.9 } },
  adam: { setting: 'adam(lr: 1e-4)', settings: { lr: 1e-4 } },
} as const;

/**
 * One step of the step graph in ONNX Runtime from each of a row of states, and torch's in float32: how far both are from
 * what float64 makes of the same state, as a share of what it changes. For each kind of tensor the root mean square over
 * all its tensors and states: of one tensor in one step both errors are chance.
 */
export async function stepErrors(pair: NetworkPair, run: StepRun): Promise<ReadonlyMap<Kind, Errors>> {
  const { setting, settings } = optimizers[run.optimizer];
  const module = moduleOf(pair.source, {
    set: { size: String(run.size) },
    text: withOptimizer(readFileSync(inRepository(pair.source), 'utf8'), setting),
  });
  const batches = Array.from({ length: BATCHES }, (_, i) => samplesOf(module, run.batch, run.seed + i));
  const keys = new Map<string, string>();
  const keyOf = (path: string): string => {
    const [, slot = '', own = path] = /^(optimizer\.\w+\/)?(.*)$/.exec(path) ?? [];
    const key = slot + pair.key(own);
    keys.set(key, path);
    return key;
  };
  const state = [...stateOf(module, run.seed)].map(
    ([path, tensor]) => [`state/${keyOf(path)}`, tensor] as const,
  );
  const step = await ortStep(module, run.batch);
  for (const path of step.replaces) keyOf(path);
  const take = async (before: Tensors, number: number): Promise<Tensors> => {
    const known = Array.from(before, ([key, tensor]) => [keys.get(key) ?? key, tensor] as const);
    const batch = batches[number % BATCHES] ?? [];
    const numbers = { rate: settings.lr, step: number + 1 };
    const after = await step.run(new Map([...known, ...batch]), numbers);
    return new Map(
      Array.from(after, ([path, data]): [string, SafeTensor] => {
        const key = keyOf(path);
        const shape = before.get(key)?.shape ?? [data.length];
        return [key, { dtype: 'F32', shape, data: Float32Array.from(data) }];
      }),
    );
  };
  const request = { network: pair.network, optimizer: run.optimizer, settings, steps: run.states };
  const found = new Map<Kind, Errors[]>();
  for await (const errors of streamedSteps(request, new Map([...state, ...stacked(batches)]), take)) {
    for (const [key, error] of errors) {
      const ofKind = found.get(kindOf(key)) ?? [];
      found.set(kindOf(key), ofKind);
      ofKind.push(error);
    }
  }
  await step.close();
  return new Map(Array.from(found, ([kind, errors]) => [kind, rootMeanSquares(errors)]));
}

/** A source with another optimiser, at a constant rate. */
function withOptimizer(source: string, setting: string): string {
  return source.replace(/^ *schedule .*\n/m, '').replace(/^( *optimizer ).*$/m, `$1${setting}`);
}

function stateOf(module: Module, seed: number): Tensors {
  const { params } = graphOf(module, { mode: 'infer' });
  const initial = initialWeights(params, seed);
  return new Map(
    params.map(({ path, value }): [string, SafeTensor] => {
      const data = Float32Array.from(initial.get(path) ?? []);
      return [path, { dtype: 'F32', shape: sizeNumbers(value.type.axes), data }];
    }),
  );
}

/** Batches one behind the other. */
function stacked(batches: readonly Tensors[]): Tensors {
  const [first = new Map<string, SafeTensor>()] = batches;
  return new Map(
    Array.from(first, ([name, { shape }]): [string, SafeTensor] => {
      const parts = batches.map((batch) => numbersOf(batch, name));
      const data = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
      parts.forEach((part, i) => data.set(part, i * part.length));
      return [name, { dtype: 'F32', shape: [batches.length, ...shape], data }];
    }),
  );
}

function numbersOf(tensors: Tensors, name: string): Float32Array {
  const data = tensors.get(name)?.data;
  if (!(data instanceof Float32Array)) throw new Error(`a batch has no ${name} of float32`);
  return data;
}

function kindOf(key: string): Kind {
  const [part] = /(?<=^optimizer\.)\w+|\brunning_\w+$/.exec(key) ?? [];
  return kinds.find((kind) => kind === part) ?? 'weight';
}

function rootMeanSquares(errors: readonly Errors[]): Errors {
  const of = (side: keyof Errors): number =>
    Math.sqrt(errors.reduce((sum, error) => sum + error[side] ** 2, 0) / errors.length);
  return { ours: of('ours'), nchw: of('nchw'), channels_last: of('channels_last') };
}
