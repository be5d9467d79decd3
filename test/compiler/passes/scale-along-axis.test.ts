import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concrete, elementCount, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { scaleAlongAxis } from '../../../src/compiler/passes/scale-along-axis.ts';
import { randomNumbers } from '../../support/random-values.ts';

function filled(sizes: Readonly<Record<string, number>>, seed: number): NdArray {
  const type = concrete(sizes);
  return { type, data: new Float64Array(randomNumbers(elementCount(type), seed)) };
}

function scaled(array: NdArray, vector: NdArray, result = array.type): Float32Array | undefined {
  return scaleAlongAxis(new Float32Array(array.data), array.type, vector, result);
}

test('is what `mul` is, for every shape and axis', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.nat(), (lengths, pick) => {
      const shape = Object.fromEntries(lengths.map((size, i) => [`a${i}`, size]));
      const [name = '', size = 1] = Object.entries(shape)[pick % lengths.length] ?? [];
      const [array, vector] = [filled(shape, 1), filled({ [name]: size }, 2)];
      const product = ops.get('mul')?.evaluate([array, vector], {}, [array.type])[0];
      expect(scaled(array, vector)).toEqual(new Float32Array(product?.data ?? []));
    }),
    { seed: 7 },
  );
});

test('leaves to `mul` what is not a vector along an axis', () => {
  const [array, vector] = [filled({ C: 2, H: 3 }, 1), filled({ H: 3 }, 2)];
  expect(scaled(vector, array)).toBeUndefined();
  expect(scaled(array, array)).toBeUndefined();
  expect(scaled(array, filled({}, 3))).toBeUndefined();
  expect(scaled(array, filled({ W: 3 }, 3))).toBeUndefined();
  expect(scaled(array, vector, concrete({ H: 3, C: 2 }))).toBeUndefined();
});
