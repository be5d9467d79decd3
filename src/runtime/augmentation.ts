import { uniforms } from '../compiler/random/generator.mjs';
import { wholeImage } from './resize.ts';
import type { Window } from './resize.ts';

/** How images are varied in training. What is varied is drawn evenly from its range, anew in every epoch. */
export interface Augmentation {
  /** Mirror every second image, left to right. */
  readonly flip: boolean;
  /** How far images move at most to each side, as a fraction of their width and height: from 0 to 1. */
  readonly shift: number;
  /** By which factors they are enlarged: [1, 1] leaves the size as it is, below 1 they become smaller. */
  readonly scale: readonly [min: number, max: number];
}

/** What a prepared image shows of its file. */
export interface View {
  readonly window: Window;
  /** Whether left and right are exchanged afterwards. */
  readonly isMirrored: boolean;
}

export const plainView: View = { window: wholeImage, isMirrored: false };

/** RangeError for numbers out of the ranges that `Augmentation` states. */
export function checkAugmentation({ shift, scale: [min, max] }: Augmentation): void {
  if (!(shift >= 0 && shift <= 1)) throw new RangeError(`a shift is a fraction from 0 to 1, not ${shift}`);
  if (!(min > 0 && min <= max && max < Infinity))
    throw new RangeError(`a scale goes from a positive number to a larger one, not from ${min} to ${max}`);
}

/** Whether it needs another resampling than the plain resize: a mirrored image does not. */
export function changesWindow({ shift, scale: [min, max] }: Augmentation): boolean {
  return shift !== 0 || min !== 1 || max !== 1;
}

/**
 * The view of one image in one epoch. It depends on seed, epoch and the image's name alone: neither on the order of the
 * images, nor on which others there are, nor on who reads it.
 */
export function drawView(augmentation: Augmentation, seed: number, epoch: number, name: string): View {
  // A parameter's name never has brackets, so this sequence is no parameter's.
  const [mirror = 0, size = 0, x = 0, y = 0] = uniforms(4, seed, `(view of ${name})`, epoch);
  const { flip, shift, scale } = augmentation;
  const side = 1 / (scale[0] + (scale[1] - scale[0]) * size);
  const left = 0.5 + shift * (2 * x - 1) - side / 2;
  const top = 0.5 + shift * (2 * y - 1) - side / 2;
  return { window: { left, top, right: left + side, bottom: top + side }, isMirrored: flip && mirror < 0.5 };
}
