import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permute } from '../../../src/compiler/lower/permute.ts';
import { arrange, concrete } from '../../../src/compiler/ops/nd-array.ts';
import { randomNumbers } from '../../support/random-values.ts';

test('moves axes as the interpreter arranges them by name', () => {
  const permutations = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).chain(
    (dims) =>
      fc.tuple(fc.constant(dims), fc.shuffledSubarray(dims.map((_, i) => i), { minLength: dims.length })), // prettier-ignore
  );
  fc.assert(
    fc.property(permutations, ([dims, permutation]) => {
      const type = concrete(Object.fromEntries(dims.map((size, i) => [`a${i}`, size])));
      const target = { ...type, axes: permutation.flatMap((i) => type.axes.slice(i, i + 1)) };
      const data = randomNumbers(dims.reduce((product, size) => product * size, 1), 3); // prettier-ignore
      const expected = arrange({ type, data: new Float64Array(data) }, target).data;
      expect(permute(data, dims, permutation)).toEqual(new Float32Array(expected));
    }),
    { seed: 11 },
  );
});
