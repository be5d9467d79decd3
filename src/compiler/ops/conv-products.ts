import type { ConvAttributes } from './conv.ts';
import { kernelAxis } from './kernel-axis.ts';
import { forEachIndex, sizeOf, strideOf, type ConcreteType } from './nd-array.ts';
import { numberOf } from './sizes-of.ts';
import { placements } from './window.ts';

/**
 * Calls `visit` for every product of an element of x and one of the weight that a convolution adds to an element of y,
 * with where the three are.
 */
export function forEachProduct(
  { x, weight, y }: { readonly x: ConcreteType; readonly weight: ConcreteType; readonly y: ConcreteType },
  { from, to, windows, groups }: ConvAttributes,
  visit: (xAt: number, weightAt: number, yAt: number) => void,
): void {
  const places = placements(
    windows,
    x,
    y,
    (axis) => strideOf(x, axis),
    (axis) => strideOf(y, axis),
  );
  const kernel = windows.map(({ axis, kernel: size }) => ({ name: kernelAxis(axis), size: numberOf(size) }));
  const tapOffsets: number[] = [];
  forEachIndex(kernel, [weight], ([offset = 0]) => tapOffsets.push(offset));
  const [made, members] = [sizeOf(weight, '.out'), sizeOf(weight, '.in')];
  const perGroup = made / numberOf(groups);
  const [xChannel, yChannel] = [strideOf(x, from), strideOf(y, to)];
  const [weightIn, weightOut] = [strideOf(weight, '.in'), strideOf(weight, '.out')];
  const batch = x.axes.filter(({ name }) => name !== from && windows.every(({ axis }) => axis !== name));
  forEachIndex(batch, [x, y], ([xBatch = 0, yBatch = 0]) => {
    for (let k = 0; k < made; k++) {
      const xGroup = xBatch + Math.floor(k / perGroup) * members * xChannel;
      for (const { inputs, taps, output } of places) {
        inputs.forEach((offset, i) => {
          const tap = tapOffsets[taps[i] ?? 0] ?? 0;
          for (let c = 0; c < members; c++) {
            visit(
              xGroup + offset + c * xChannel,
              k * weightOut + c * weightIn + tap,
              yBatch + k * yChannel + output,
            );
          }
        });
      }
    }
  });
}
