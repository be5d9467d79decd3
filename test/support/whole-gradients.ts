import { compile } from '../../src/compiler/compile.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { SourceReader } from '../../src/compiler/source/reader.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import { gradientName } from '../../src/compiler/targets/onnx-train.ts';
import { sizeNumbers } from '../../src/compiler/ir/size-numbers.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';
import { graphOf } from './model-graph.ts';
import { samplesOf, type NetworkPair } from './network-pair.ts';
import { askOracle, numbersOf } from './oracle.ts';
import { ortGradients } from './ort-step.ts';
import { relativeError } from './random-values.ts';
import { complaints, repositoryReader } from './repository.ts';

export interface GradientRun {
  /** Every ReLU is a SiLU, so that no rounding can put a value on the other side of a kink. */
  readonly smooth: boolean;
  readonly size: number;
  readonly batch: number;
  readonly seed: number;
}

/** How far the gradient by one tensor is from torch's in float64: the norm of the difference, as a share of its norm. */
export interface GradientError {
  readonly path: string;
  readonly ours: number;
  /** What torch's own float32 is off, in its two layouts. */
  readonly nchw: number;
  readonly channelsLast: number;
}

/** The gradients of the step graph in ONNX Runtime beside torch's in float64, by every weight of a network. */
export async function gradientErrors(pair: NetworkPair, run: GradientRun): Promise<readonly GradientError[]> {
  const module = variantOf(pair.source, run);
  const state = stateOf(module, run.seed);
  const samples = samplesOf(module, run.batch, run.seed);
  const keyed = [...state].map(([path, tensor]) => [`state/${pair.key(path)}`, tensor] as const);
  const request = { network: pair.network, smooth: run.smooth };
  const reference = await askOracle('whole_gradients', request, new Map([...keyed, ...samples]));
  const gradients = await ortGradients(module, run.batch, new Map([...state, ...samples]));
  return [...gradients].map(([path, ours]) => {
    const key = pair.key(path);
    const exact = numbersOf(reference, gradientName(key));
    return {
      path,
      ours: relativeError(ours, exact),
      nchw: numbersOf(reference, `nchw/${key}`)[0] ?? NaN,
      channelsLast: numbersOf(reference, `channels_last/${key}`)[0] ?? NaN,
    };
  });
}

function variantOf(source: string, { smooth, size }: GradientRun): Module {
  const plain = repositoryReader();
  const reader: SourceReader = {
    read: (path) => {
      const found = plain.read(path);
      if (!smooth || found.kind !== 'text') return found;
      return { kind: 'text', text: found.text.replace(/\brelu\b/g, 'silu') };
    },
  };
  const compilation = compile(source, { reader, set: { size: String(size) } });
  if (compilation.module === undefined) throw new Error(complaints(compilation).join('\n'));
  return compilation.module;
}

/**
 * The state that training starts with, but for what then is 0 or 1 throughout: batch norms have scales about 1, of which
 * one is 0 and one nearly so, and shifts. A gradient that goes through the normalised values by dividing what was scaled
 * is wrong there.
 */
function stateOf(module: Module, seed: number): ReadonlyMap<string, SafeTensor> {
  const { params } = graphOf(module, { mode: 'infer' });
  const initial = initialWeights(params, seed);
  return new Map(
    params.map(({ path, role, value }): [string, SafeTensor] => {
      const shape = sizeNumbers(value.type.axes);
      const data = initial.get(path);
      if (data === undefined) throw new Error(`${path} has no initial value`);
      if (role === 'state' || shape.length !== 1)
        return [path, { dtype: 'F32', shape, data: Float32Array.from(data) }];
      const drawn = uniforms(data.length, seed, path);
      if (path.endsWith('/bias'))
        return [path, { dtype: 'F32', shape, data: drawn.map((u) => 0.4 * u - 0.2) }];
      const scales = drawn.map((u) => 0.5 + u);
      scales.set([0, 1e-3]);
      return [path, { dtype: 'F32', shape, data: scales }];
    }),
  );
}

export function medianError(errors: readonly GradientError[], of: 'ours' | 'nchw' | 'channelsLast'): number {
  const sorted = errors.map((error) => error[of]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
