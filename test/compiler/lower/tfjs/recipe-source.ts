import * as tf from '@tensorflow/tfjs-core';
import { randomNumbers } from '../../../support/random-values.ts';
import type { GeneratedProgram, Tensors, WeightTree } from './generated.ts';
import { compiled } from './compiled.ts';
import { loadProgram } from './generated.ts';

/** The program of a small network with vectors, matrices and state, trained as the recipe says. */
export function programOf(recipe: string): Promise<GeneratedProgram> {
  return loadProgram(compiled(recipeSource(recipe)));
}

export function recipeSource(recipe: string): string {
  return `language 1
model Small() {
  input image: [N, C: 2, H: 3, W: 4]
  features = image |> conv(C -> C: 3, over: [H: 3, W: 3]) |> batch_norm(C) |> silu
  normed = features |> layer_norm(over: [C, H, W])
  heads = normed |> mean(over: [H, W]) |> linear(C -> [h: 2, d: 3])
  y = heads |> linear([h, d] -> K: 2)
  unused = heads |> linear(d -> K: 2)
  output y
  output unused
}
train Small {
  target wanted: [N, K: 2]
  loss = mean((y - wanted) * (y - wanted), over: [N, K])
  ${recipe}
  batch 4
  seed 5
}
`;
}

/** A batch that `tf.dispose` frees; another for each number. */
export function batchOf(number = 0): Tensors {
  return {
    image: tf.tensor(randomNumbers(96, 2 * number + 1), [4, 2, 3, 4]),
    wanted: tf.tensor(randomNumbers(8, 2 * number + 2), [4, 2]),
  };
}

/** The values of all parameters by path, as a checkpoint has them. */
export async function valuesOf(
  program: GeneratedProgram,
  w: WeightTree,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { parseSafetensors } = await import('../../../../src/compiler/lower/tfjs/assets/safetensors.mjs');
  const { tensors } = parseSafetensors(await program.exportWeights(w));
  return new Map([...tensors].map(([path, { data }]) => [path, Float32Array.from(data, Number)]));
}
