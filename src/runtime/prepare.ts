import { toGray } from './images.ts';
import type { Image } from './images.ts';
import { resizeImage } from './resize.ts';

/** What a model's image input wants: its size and `pixels(mean, std)` of the language, one number a channel. */
export interface PixelSpec {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** The order of the axes: channels outermost (ONNX, torch) or innermost (TensorFlow.js). */
  readonly layout: 'chw' | 'hwc';
}

/**
 * An image as a model takes it: brought to the model's channels (gray repeated, or RGB weighted to gray), resized, and
 * normalised to (value / 255 - mean) / std. Shape [C, H, W] or [H, W, C], as `spec.layout` says.
 */
export function prepareImage(image: Image, spec: PixelSpec): Float32Array {
  const { channels, height, width, mean, std, layout } = spec;
  if (mean.length !== channels || std.length !== channels) {
    throw new RangeError(
      `${channels} channels need as many means and deviations, not ${mean.length} and ${std.length}`,
    );
  }
  const source = resizeImage(channels === 1 ? toGray(image) : image, width, height);
  const prepared = new Float32Array(channels * height * width);
  const pixels = height * width;
  const [pixelStep, channelStep] = layout === 'chw' ? [1, pixels] : [channels, 1];
  for (let c = 0; c < channels; c++) {
    const scale = 1 / (255 * (std[c] ?? Number.NaN));
    const shift = (mean[c] ?? Number.NaN) * 255;
    const from = source.channels === 1 ? 0 : c;
    for (let i = 0; i < pixels; i++) {
      const value = source.data[i * source.channels + from] ?? Number.NaN;
      prepared[c * channelStep + i * pixelStep] = (value - shift) * scale;
    }
  }
  return prepared;
}
