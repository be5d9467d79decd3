import { plainView } from './augmentation.ts';
import type { View } from './augmentation.ts';
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
 * normalised to (value / 255 - mean) / std. Shape [C, H, W] or [H, W, C], as `spec.layout` says. All of the image, or
 * what `view` shows of it: a view costs no second interpolation.
 *
 * Runs on the caller's thread, which it holds for 3 to 4 ms for an image of 1024 x 1024 and 0.3 to 1 ms for one of
 * 256 x 256 (to 64 and 224 px): a third of the time that decoding takes on other threads. This is not worth threads of
 * its own: engines that compute on threads leave this one idle, and with an `ImageCache` it is paid once.
 */
export function prepareImage(image: Image, spec: PixelSpec, view: View = plainView): Float32Array {
  return normaliseImage(fitImage(image, spec, view.window), spec, view.isMirrored);
}

/** The first half of `prepareImage`: the image, or what `window` shows of it, at the model's size; values to 255. */
export function fitImage(image: Image, spec: PixelSpec, window = plainView.window): Image {
  return resizeImage(spec.channels === 1 ? toGray(image) : image, spec.width, spec.height, window);
}

/** The second half of `prepareImage`. `fitted` has the model's size, and so has `prepared`, which is written to and returned. */
export function normaliseImage(
  fitted: Image,
  spec: PixelSpec,
  isMirrored: boolean,
  prepared = new Float32Array(spec.channels * spec.height * spec.width),
): Float32Array {
  const { channels, height, width, mean, std, layout } = spec;
  if (mean.length !== channels || std.length !== channels) {
    throw new RangeError(
      `${channels} channels need as many means and deviations, not ${mean.length} and ${std.length}`,
    );
  }
  const { data, channels: given } = fitted;
  const [first, sourceStep] = isMirrored ? [width - 1, -given] : [0, given];
  const [pixelStep, channelStep] = layout === 'chw' ? [1, height * width] : [channels, 1];
  for (let c = 0; c < channels; c++) {
    const scale = 1 / (255 * (std[c] ?? Number.NaN));
    const shift = (mean[c] ?? Number.NaN) * 255;
    const from = given === 1 ? 0 : c;
    for (let y = 0; y < height; y++) {
      let source = (y * width + first) * given + from;
      let target = c * channelStep + y * width * pixelStep;
      for (let x = 0; x < width; x++) {
        // Inside, since both have the model's size: a check would double the time.
        prepared[target] = ((data[source] as number) - shift) * scale;
        source += sourceStep;
        target += pixelStep;
      }
    }
  }
  return prepared;
}
