import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chestXray14Labels, readChestXray14 } from '../../src/runtime/chestxray14.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { splitValidation } from '../../src/runtime/split-validation.ts';
import { chestXrayFolder, chestXrayMissing } from './data-folder.ts';

const sample = (patient: string, name: string, labels: readonly number[]): Sample => ({
  name,
  path: `/data/${name}`,
  patient,
  labels: Float32Array.from(labels),
  known: new Float32Array(labels.length).fill(1),
});

/** Up to 60 samples of up to 30 patients with two labels. */
const someSamples = fc
  .array(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 1 }), fc.nat({ max: 1 })), {
    minLength: 2,
    maxLength: 60,
  })
  .map((rows) => rows.map(([patient, a, b], i) => sample(`p${patient}`, `${i}.png`, [a, b])))
  .filter((samples) => new Set(samples.map(({ patient }) => patient)).size > 1);
const fraction = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('splitValidation', () => {
  it('parts whole patients, keeps order, leaves neither side empty', () => {
    fc.assert(
      fc.property(someSamples, fraction, fc.nat(), (samples, part, seed) => {
        const { train, validation } = splitValidation(samples, { fraction: part, seed });
        expect(train.length).toBeGreaterThan(0);
        expect(validation.length).toBeGreaterThan(0);
        const held = new Set(validation.map(({ patient }) => patient));
        expect(train.some(({ patient }) => held.has(patient))).toBe(false);
        expect(train).toEqual(samples.filter(({ patient }) => !held.has(patient)));
        expect(validation).toEqual(samples.filter(({ patient }) => held.has(patient)));
        const largest = Math.max(
          ...samples.map((one) => samples.filter((s) => s.patient === one.patient).length),
        );
        expect(Math.abs(validation.length - part * samples.length)).toBeLessThanOrEqual(largest);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('does not depend on the order of the samples', () => {
    fc.assert(
      fc.property(someSamples, fc.nat(), (samples, seed) => {
        const names = (list: readonly Sample[]) =>
          splitValidation(list, { fraction: 0.3, seed })
            .validation.map(({ name }) => name)
            .sort();
        expect(names(samples.toReversed())).toEqual(names(samples));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('holds out other patients with another seed, a tenth unless told', () => {
    const samples = Array.from({ length: 200 }, (_, i) => sample(`${i}`, `${i}.png`, [0]));
    const [first, second] = [1, 2].map((seed) => splitValidation(samples, { seed }).validation);
    expect(first).toHaveLength(20);
    expect(second).not.toEqual(first);
  });

  it('gives every label its share', () => {
    // Label 0 in 300 of 1000, label 1 in 40, label 2 in 20, never together.
    const samples = Array.from({ length: 1000 }, (_, i) =>
      sample(`${i}`, `${i}.png`, [i < 300 ? 1 : 0, i >= 300 && i < 340 ? 1 : 0, i >= 980 ? 1 : 0]),
    );
    for (let seed = 0; seed < 20; seed++) {
      const { validation } = splitValidation(samples, { seed });
      const counts = [0, 1, 2].map((k) => validation.filter(({ labels }) => labels[k] === 1).length);
      expect(counts).toEqual([30, 4, 2]);
    }
  });

  it('refuses a single patient, and what is no fraction', () => {
    const one = [sample('1', 'a.png', [0]), sample('1', 'b.png', [1])];
    expect(() => splitValidation(one, { seed: 1 })).toThrow(UserError);
    for (const wrong of [0, 1, NaN])
      expect(() => splitValidation(one, { fraction: wrong, seed: 1 })).toThrow(RangeError);
  });
});

describe.skipIf(chestXrayMissing !== undefined)(
  `the sample of ChestX-ray14${chestXrayMissing ? `: ${chestXrayMissing}` : ''}`,
  () => {
    it('has every label on both sides', async () => {
      const { train: all } = await readChestXray14(chestXrayFolder, chestXray14Labels);
      for (let seed = 0; seed < 5; seed++) {
        const { train, validation } = splitValidation(all, { seed });
        expect(Math.abs(validation.length - all.length / 10)).toBeLessThan(5);
        for (const k of chestXray14Labels.keys()) {
          for (const part of [train, validation])
            expect(part.some(({ labels }) => labels[k] === 1)).toBe(true);
        }
      }
    });
  },
);
