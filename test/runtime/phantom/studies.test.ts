import { describe, expect, it } from 'vitest';
import { phantomPrevalence } from '../../../src/runtime/phantom/prevalence.ts';
import type { Finding } from '../../../src/runtime/phantom/prevalence.ts';
import { phantomStudies } from '../../../src/runtime/phantom/studies.ts';
import type { Study } from '../../../src/runtime/phantom/studies.ts';

const many = phantomStudies(40_000, 1);
const names = Object.keys(phantomPrevalence) as Finding[];

function share(studies: readonly Study[], holds: (study: Study) => boolean): number {
  return studies.filter(holds).length / studies.length;
}

describe('phantomStudies', () => {
  it.each(names)('has %s about as often as it says', (finding) => {
    const prevalence = phantomPrevalence[finding];
    const found = share(many, ({ findings }) => findings.includes(finding));
    // Images of one patient are alike: about two and a half of them count as one.
    const deviation = Math.sqrt((2.5 * prevalence * (1 - prevalence)) / many.length);
    expect(Math.abs(found - prevalence)).toBeLessThan(4 * deviation);
  });

  it('has no finding in half of the images, and AP views as often as the data set', () => {
    expect(share(many, ({ findings }) => findings.length === 0)).toBeCloseTo(0.53, 1.5);
    expect(share(many, ({ view }) => view === 'AP')).toBeCloseTo(0.4, 1.5);
    expect(share(many, ({ split }) => split === 'test')).toBeCloseTo(0.2, 1.5);
  });

  it.each([
    ['Effusion', 'Cardiomegaly', 2.3, 4],
    ['Effusion', 'Atelectasis', 2, 2.9],
    ['Emphysema', 'Pneumothorax', 4.5, 8],
    ['Mass', 'Nodule', 2, 3.4],
    ['Edema', 'Pneumothorax', 0, 0.7],
  ] as const)('has %s with %s from %f to %f times as often as chance', (a, b, low, high) => {
    const both = share(many, ({ findings }) => findings.includes(a) && findings.includes(b));
    const lift =
      both /
      share(many, ({ findings }) => findings.includes(a)) /
      share(many, ({ findings }) => findings.includes(b));
    expect(lift).toBeGreaterThanOrEqual(low);
    expect(lift).toBeLessThan(high);
  });

  it('has edema mostly in AP views', () => {
    const edema = many.filter(({ findings }) => findings.includes('Edema'));
    expect(share(edema, ({ view }) => view === 'AP')).toBeGreaterThan(0.8);
  });

  it('keeps findings that last over the images of a patient', () => {
    const again = (finding: Finding) => {
      const before = many.filter((study, i) => many[i + 1]?.patient === study.patient);
      const there = before.filter(({ findings }) => findings.includes(finding));
      return share(there, (study) => many[many.indexOf(study) + 1]?.findings.includes(finding) === true);
    };
    expect(again('Cardiomegaly')).toBeGreaterThan(0.4);
    expect(again('Pneumonia')).toBeLessThan(0.3);
  });

  it('begins a longer list with the shorter one, and differs by seed', () => {
    expect(phantomStudies(40, 1)).toEqual(many.slice(0, 40));
    expect(phantomStudies(40, 2)).not.toEqual(many.slice(0, 40));
  });

  it('has every name once, and no patient on both sides', () => {
    expect(new Set(many.map(({ name }) => name)).size).toBe(many.length);
    const patients = (split: string) =>
      new Set(many.filter((s) => s.split === split).map(({ patient }) => patient));
    const test = patients('test');
    expect([...patients('train')].filter((patient) => test.has(patient))).toEqual([]);
  });

  it('has images in both splits from two on', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(phantomStudies(2, seed).map(({ split }) => split)).toEqual(['train', 'test']);
    }
    expect(() => phantomStudies(1, 0)).toThrow(RangeError);
    expect(() => phantomStudies(2.5, 0)).toThrow(RangeError);
  });
});
