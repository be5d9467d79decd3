import { plainView } from './augmentation.ts';
import type { Image } from './images.ts';
import type { PixelSpec } from './prepare.ts';
import { resizeImage } from './resize.ts';

/**
 * A mask, or what `window` shows of it, at the model's size: 1 inside, 0 outside. It goes through the filter that its image
 * goes through, and a pixel is inside where at least half of what the filter sees is: then image and mask show the
 * same, whatever window and size are. The nearest pixel alone would move borders by up to half a pixel of the file, and
 * leave them ragged where masks shrink.
 */
export function fitMask(mask: Image, { width, height }: PixelSpec, window = plainView.window): Image {
  const { data } = resizeImage(mask, width, height, window);
  return { width, height, channels: 1, data: Uint8Array.from(data, (value) => (value >= 127.5 ? 1 : 0)) };
}

/** Masks of one image at the model's size side by side, laid as the image is: [K, H, W] or [H, W, K]. */
export function layMasks(
  masks: readonly Image[],
  { width, height, layout }: PixelSpec,
  isMirrored: boolean,
): Float32Array {
  const laid = new Float32Array(masks.length * height * width);
  const [pixelStep, maskStep] = layout === 'chw' ? [1, height * width] : [masks.length, 1];
  for (const [k, { data }] of masks.entries()) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = y * width + (isMirrored ? width - 1 - x : x);
        laid[k * maskStep + (y * width + x) * pixelStep] = data[source] ?? NaN;
      }
    }
  }
  return laid;
}
