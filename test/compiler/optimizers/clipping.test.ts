import { beforeAll, describe, expect, it } from 'vitest';
import { clippings } from '../../../src/compiler/optimizers/registry.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { randomNumbers } from '../../support/random-values.ts';
import { columns } from './number-algebra.ts';

const missing = oracleMissing('torch');

describe.skipIf(missing !== undefined)(
  `clipping beside torch${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const gradients = new Map([
      ['a', randomNumbers(20, 1)],
      ['b', randomNumbers(7, 2)],
    ]);
    const cases = [
      { name: 'norm', max: 0.5 },
      { name: 'norm', max: 0.01 },
      { name: 'norm', max: 100 },
      { name: 'value', max: 0.3 },
      { name: 'value', max: 100 },
    ];
    let answer: Safetensors;
    beforeAll(async () => {
      const tensors = [...gradients].map(([name, data]): [string, SafeTensor] => [
        name,
        { dtype: 'F32', shape: [data.length], data: data.slice() },
      ]);
      answer = await askOracle('clipping', { cases }, new Map(tensors));
    });

    cases.forEach(({ name, max }, number) => {
      it(`${name}(${max})`, () => {
        const clipping = clippings.get(name);
        if (clipping === undefined) throw new Error(`there is no clipping ${name}`);
        const norm = Math.hypot(...[...gradients.values()].flatMap((values) => [...values]));
        for (const [parameter, gradient] of gradients) {
          const own = [...gradient];
          const scalars = { max: [max] };
          const clipped =
            clipping.by === 'element'
              ? clipping.clip(columns, own, scalars)
              : columns.mul(own, clipping.factor(columns, [norm], scalars));
          const wanted = numbersOf(answer, `${number}/${parameter}`);
          clipped.forEach((value, i) => expect(Math.abs(value - (wanted[i] ?? NaN))).toBeLessThan(1e-6));
        }
      });
    });
  },
);
