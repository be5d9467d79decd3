import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/runtime/images.ts';
import { prepareImage } from '../../src/runtime/prepare.ts';
import type { PixelSpec } from '../../src/runtime/prepare.ts';
import { wholeImage } from '../../src/runtime/resize.ts';

const gray: Image = { width: 2, height: 1, channels: 1, data: Float32Array.of(0, 255) };
const colour: Image = { width: 2, height: 1, channels: 3, data: Float32Array.of(255, 0, 51, 0, 102, 255) };
const spec: PixelSpec = {
  channels: 3,
  height: 1,
  width: 2,
  mean: [0.5, 0.25, 0],
  std: [0.5, 0.25, 2],
  layout: 'chw',
};

const close = (values: Float32Array, expected: readonly number[]) => {
  expect(values.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
};

describe('prepareImage', () => {
  it('repeats gray and normalises each channel by its own mean and deviation', () => {
    close(prepareImage(gray, spec), [-1, 1, -1, 3, 0, 0.5]);
  });

  it('puts channels innermost on request', () => {
    close(prepareImage(gray, { ...spec, layout: 'hwc' }), [-1, -1, 0, 1, 3, 0.5]);
  });

  it('takes the colours in the order red, green, blue', () => {
    close(prepareImage(colour, spec), [1, -1, -1, 0.6, 0.1, 0.5]);
  });

  it('weights colours for a model of one channel', () => {
    const one: PixelSpec = { ...spec, channels: 1, mean: [0], std: [1] };
    close(prepareImage(colour, one), [0.299 + 0.114 * 0.2, 0.587 * 0.4 + 0.114]);
  });

  it('resizes to height and width', () => {
    const tall = prepareImage(gray, { ...spec, channels: 1, mean: [0], std: [1], height: 3, width: 1 });
    close(tall, [0.5, 0.5, 0.5]);
  });

  it('shows a part, mirrored, where the view says so', () => {
    const row: Image = { width: 4, height: 1, channels: 1, data: Uint8Array.of(10, 20, 30, 40) };
    const raw: PixelSpec = { ...spec, channels: 1, mean: [0], std: [1 / 255] };
    const window = { left: 0.5, top: 0, right: 1, bottom: 1 };
    close(prepareImage(row, raw, { window, isMirrored: false }), [30, 40]);
    close(prepareImage(row, raw, { window, isMirrored: true }), [40, 30]);
    close(
      prepareImage(row, { ...raw, width: 4 }, { window: wholeImage, isMirrored: true }),
      [40, 30, 20, 10],
    );
    close(
      prepareImage(
        colour,
        { ...spec, mean: [0, 0, 0], std: [1, 1, 1] },
        { window: wholeImage, isMirrored: true },
      ),
      [0, 1, 0.4, 0, 1, 0.2],
    );
  });

  it('refuses means that do not fit the channels', () => {
    expect(() => prepareImage(gray, { ...spec, mean: [0] })).toThrow(RangeError);
  });
});
