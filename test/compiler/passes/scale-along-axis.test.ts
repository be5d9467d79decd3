import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concrete, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { scaleAlongAxis } from '../../../src/compiler/passes/scale-along-axis.ts';
import { randomNumbers } from '../../support/random-values.ts';

const filled = (sizes: Readonly<Record<string, number>>, seed: number): NdArray => {
  const count = Object.values(sizes).reduce((product, size) => product * size, 1);
  return { type: concrete(sizes), data: new Float64Array(randomNumbers(count, seed)) };
};

test('is what `mul` is, for every shape and axis', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.nat(), (lengths, pick) => {
      const shape = Object.fromEntries(lengths.map((size, i) => [`a${i}`, size]));
      const [name = '', size = 1] = Object.entries(shape)[pick % lengths.length] ?? [];
      const operands = [filled(shape, 1), filled({ [name]: size }, 2)];
      const type = concrete(shape);
      expect(scaleAlongAxis(operands, type)).toEqual(ops.get('mul')?.evaluate(operands, {}, [type])[0]);
    }),
    { seed: 7 },
  );
});

test('leaves to `mul` what is not a vector along an axis', () => {
  const [array, vector] = [filled({ C: 2, H: 3 }, 1), filled({ H: 3 }, 2)];
  expect(scaleAlongAxis([vector, array], array.type)).toBeUndefined();
  expect(scaleAlongAxis([array, array], array.type)).toBeUndefined();
  expect(scaleAlongAxis([array, filled({}, 3)], array.type)).toBeUndefined();
  expect(scaleAlongAxis([array, vector], concrete({ H: 3, C: 2 }))).toBeUndefined();
});
