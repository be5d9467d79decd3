import { flatten } from '../compiler/ir/inline.ts';
import type { Module } from '../compiler/ir/module.ts';
import { imageLayout } from '../compiler/lower/image-layout.ts';
import type { NdArray } from '../compiler/ops/nd-array.ts';
import { uniforms } from '../compiler/random/generator.mjs';
import { initialWeights } from '../compiler/targets/initial-weights.ts';
import type { Image } from '../runtime/images.ts';
import { prepareImage, type PixelSpec } from '../runtime/prepare.ts';
import { difference } from './difference.ts';
import { startOnnx, type RawImages } from './onnx-engine.ts';
import { onnxFile } from './subject.ts';
import { testInputs } from './test-inputs.ts';

/** Height, width and channels of the images that are tried: smaller and larger than models take, gray and with alpha. */
const shapes = [
  [97, 83, 1],
  [520, 700, 3],
  [260, 300, 4],
] as const;

/**
 * How far the outputs of a file that prepares images itself are from those of the same model on images that the runtime
 * has prepared: the largest relative difference over some images of noise. Both have the initial weights.
 */
export async function preparationDifference(
  module: Module,
  file: Uint8Array | string,
  batch = 1,
): Promise<number> {
  const { graph } = flatten(module, { mode: 'infer' });
  if (graph === undefined) throw new Error(`${module.model.name} was built, but cannot be unfolded`);
  const weights = initialWeights(graph.params, module.training?.seed ?? 0);
  const plain = await startOnnx(await onnxFile(module, weights, batch));
  const raw = await startOnnx(file);
  try {
    let largest = 0;
    for (const [height, width, channels] of shapes) {
      const inputs = new Map(testInputs(graph, batch));
      const images = new Map<string, RawImages>();
      for (const { name, value, pixels } of graph.inputs) {
        const layout = pixels && imageLayout(value.type, pixels.mean.length);
        const given = inputs.get(name);
        if (pixels === undefined || layout === undefined || given === undefined) continue;
        const { channels: wanted, ...place } = layout;
        if (wanted !== 1 && wanted !== 3) throw new Error(`${name} has ${wanted} channels`);
        const count = batch * height * width * channels;
        const data = Uint8Array.from(uniforms(count, 0, `noise for ${name}`), (value) => 256 * value);
        images.set(name, { dims: [batch, height, width, channels], data });
        const spec: PixelSpec = { ...place, ...pixels, channels: wanted };
        const prepared = new Float64Array(given.data.length);
        const each = prepared.length / batch;
        for (let i = 0; i < batch; i++)
          prepared.set(prepareImage(imageAt(data, i, height, width, channels), spec), i * each);
        inputs.set(name, { type: given.type, data: prepared } satisfies NdArray);
      }
      const others = new Map([...inputs].filter(([name]) => !images.has(name)));
      const [expected, found] = [await plain.run(inputs), await raw.run(others, images)];
      for (const [name, { data }] of expected) {
        largest = Math.max(largest, difference(found.get(name)?.data ?? [], data).relative);
      }
    }
    return largest;
  } finally {
    await plain.close();
    await raw.close();
  }
}

/** An image of a batch as the runtime would have decoded it: without alpha. */
function imageAt(batch: Uint8Array, index: number, height: number, width: number, depth: number): Image {
  const channels = depth < 3 ? 1 : 3;
  const pixels = height * width;
  const data = new Uint8Array(pixels * channels);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) data[p * channels + c] = batch[(index * pixels + p) * depth + c] ?? 0;
  }
  return { height, width, channels, data };
}
