import { describe, expect, it } from 'vitest';
import { changesWindow, drawView, plainView } from '../../src/runtime/augmentation.ts';
import type { Augmentation } from '../../src/runtime/augmentation.ts';

const none: Augmentation = { flip: false, shift: 0, scale: [1, 1] };
const names = Array.from({ length: 2000 }, (_, i) => `${i}.png`);

describe('drawView', () => {
  it('shows exactly the whole image when nothing is to vary', () => {
    expect(drawView(none, 1, 0, 'x.png')).toEqual(plainView);
  });

  it('mirrors half of the images, and other ones in the next epoch', () => {
    const mirrored = (epoch: number) =>
      names.filter((name) => drawView({ ...none, flip: true }, 1, epoch, name).isMirrored);
    const [first, second] = [mirrored(0), mirrored(1)];
    for (const { length } of [first, second]) {
      expect(length).toBeGreaterThan(900);
      expect(length).toBeLessThan(1100);
    }
    const both = first.filter((name) => second.includes(name)).length;
    expect(both).toBeGreaterThan(400);
    expect(both).toBeLessThan(600);
  });

  it('moves and enlarges evenly within its ranges, in both directions apart', () => {
    const by: Augmentation = { flip: false, shift: 0.1, scale: [0.5, 2] };
    const draws = names.map((name) => {
      const { left, top, right, bottom } = drawView(by, 3, 7, name).window;
      expect(right - left).toBeCloseTo(bottom - top, 12);
      return { x: (left + right) / 2 - 0.5, y: (top + bottom) / 2 - 0.5, scale: 1 / (right - left) };
    });
    const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const values of [draws.map(({ x }) => x), draws.map(({ y }) => y)]) {
      const [least, most] = range(values);
      expect(least).toBeGreaterThanOrEqual(-0.1 - 1e-12);
      expect(most).toBeLessThanOrEqual(0.1 + 1e-12);
      expect(most - least).toBeGreaterThan(0.19);
      expect(Math.abs(mean(values))).toBeLessThan(0.005);
    }
    const scales = draws.map(({ scale }) => scale);
    const [least, most] = range(scales);
    expect(least).toBeGreaterThanOrEqual(0.5 - 1e-12);
    expect(most).toBeLessThanOrEqual(2 + 1e-12);
    expect(mean(scales)).toBeCloseTo(1.25, 1);
    expect(Math.abs(mean(draws.map(({ x, y }) => x * y)))).toBeLessThan(0.0003);
  });
});

describe('changesWindow', () => {
  it('is false for a flip alone', () => {
    expect(changesWindow({ ...none, flip: true })).toBe(false);
    expect(changesWindow({ ...none, shift: 0.1 })).toBe(true);
    expect(changesWindow({ ...none, scale: [0.9, 1] })).toBe(true);
  });
});
