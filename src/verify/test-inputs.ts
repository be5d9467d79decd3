import { concreteType } from '../compiler/interpret/interpret-graph.ts';
import type { Graph, GraphInput } from '../compiler/ir/graph.ts';
import { elementCount, type ConcreteType, type NdArray } from '../compiler/ops/nd-array.ts';
import { ops } from '../compiler/ops/registry.ts';
import { uniforms } from '../compiler/random/generator.mjs';
import { batchSize } from '../compiler/targets/inference-graph.ts';
import type { Tensors } from './tensors.ts';

const seed = 20_251_123;

/** Inputs of a graph for a batch of this size, by name: the same in every run. Other dynamic sizes are `others`. */
export function testInputs(
  graph: Pick<Graph, 'inputs' | 'dynamic' | 'nodes'>,
  batch: number,
  others = 3,
): Tensors {
  const counted = batchSize(graph);
  const sizes = new Map(graph.dynamic.map((v) => [v, v === counted ? batch : others]));
  const bounds = indexBounds(graph);
  return new Map(
    graph.inputs.map((input) => {
      const type = concreteType(input.value.type, sizes);
      return [input.name, testInput(input, type, bounds.get(input.value.id) ?? 2)];
    }),
  );
}

/** @param bound what values of int32 stay below */
function testInput({ name, pixels }: GraphInput, type: ConcreteType, bound: number): NdArray {
  const random = uniforms(elementCount(type), seed, name);
  const data = Float64Array.from(random);
  if (type.dtype === 'bool') return { type, data: data.map((value) => (value < 0.5 ? 0 : 1)) };
  if (type.dtype === 'int32') return { type, data: data.map((value) => Math.floor(value * bound)) };
  return { type, data: varied(data, type, pixels === undefined ? 2 : 1) };
}

/**
 * What values of int32 stay below so that all that they count is there, by the id of the value. Ops on the way from an
 * input to where it counts are taken to keep values as they are, as renaming and slicing do.
 */
function indexBounds({ nodes }: Pick<Graph, 'nodes'>): ReadonlyMap<number, number> {
  const bounds = new Map<number, number>();
  for (const { op, inputs, outputs, attributes } of nodes.toReversed()) {
    const own = ops.get(op)?.indexBounds?.(
      inputs.map(({ type }) => type),
      attributes,
    );
    const made = outputs.flatMap(({ id, type }) => (type.dtype === 'int32' ? (bounds.get(id) ?? []) : []));
    for (const [i, { id, type }] of inputs.entries()) {
      if (type.dtype !== 'int32') continue;
      const limits = [bounds.get(id), own?.[i]?.value, ...made].filter((limit) => limit !== undefined);
      if (limits.length > 0) bounds.set(id, Math.min(...limits));
    }
  }
  return bounds;
}

/**
 * Samples that differ as images do, in brightness, contrast and what is large in them: mere noise is so alike, once it
 * is averaged over a picture, that all samples would give the same logits.
 */
function varied(data: Float64Array, type: ConcreteType, amplitude: number): Float64Array {
  const samples = type.axes[0]?.size ?? 1;
  const perSample = data.length / samples;
  const moods = uniforms(3 * samples, seed, 'moods');
  return data.map((value, i) => {
    const sample = Math.floor(i / perSample);
    const at = (i % perSample) / perSample;
    const [level = 0, contrast = 0, waves = 0] = moods.subarray(3 * sample, 3 * sample + 3);
    const wave = Math.cos(2 * Math.PI * at * (1 + Math.floor(12 * waves)));
    return Math.fround(amplitude * ((2 * value - 1) * (0.3 + contrast) + wave + 2 * level - 1));
  });
}
