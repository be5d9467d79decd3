import { describe, expect, it } from 'vitest';
import type { PixelBox } from '../../../src/runtime/phantom/lesion.ts';
import { phantomPrevalence } from '../../../src/runtime/phantom/prevalence.ts';
import type { Finding } from '../../../src/runtime/phantom/prevalence.ts';
import { renderStudy } from '../../../src/runtime/phantom/render.ts';
import type { Radiograph } from '../../../src/runtime/phantom/render.ts';
import type { Study } from '../../../src/runtime/phantom/studies.ts';

const size = 96;
const names = Object.keys(phantomPrevalence) as Finding[];

/** Studies of different patients, with and without a finding. */
function studyOf(patient: number, findings: readonly Finding[], changes: Partial<Study> = {}): Study {
  const view = patient % 3 === 0 ? 'AP' : 'PA';
  const sex = patient % 2 === 0 ? 'F' : 'M';
  const base = { name: 'x.png', patient, followUp: 0, age: 30 + patient, sex, view, split: 'train' } as const;
  return { ...base, findings, ...changes };
}

const patients = Array.from({ length: 12 }, (_, k) => k + 1);

/** The share of a mask's pixels that are in another mask, grown by a few pixels. */
function shareInside(mask: Uint8Array, region: Uint8Array, grow: number): number {
  let [inside, all] = [0, 0];
  mask.forEach((there, i) => {
    if (there === 0) return;
    all++;
    const [column, row] = [i % size, Math.floor(i / size)];
    for (let y = Math.max(0, row - grow); y <= Math.min(size - 1, row + grow); y++) {
      for (let x = Math.max(0, column - grow); x <= Math.min(size - 1, column + grow); x++) {
        if (region[y * size + x] === 0) continue;
        inside++;
        return;
      }
    }
  });
  return inside / all;
}

/** Of what cannot lie in what is seen of the lungs: the heart, a hernia behind it, a mass at the hilum. */
const leastInLung: Partial<Record<Finding, number>> = { Cardiomegaly: 0.02, Hernia: 0, Mass: 0.2 };

function boxOf(mask: Uint8Array): PixelBox {
  const there = Array.from(mask.keys()).filter((i) => mask[i] === 255);
  const columns = there.map((i) => i % size);
  const rows = there.map((i) => Math.floor(i / size));
  const [x, y] = [Math.min(...columns), Math.min(...rows)];
  return { x, y, width: Math.max(...columns) - x + 1, height: Math.max(...rows) - y + 1 };
}

function difference(a: Radiograph, b: Radiograph): number {
  return a.pixels.reduce((sum, value, i) => sum + Math.abs(value - (b.pixels[i] ?? 0)), 0) / a.pixels.length;
}

describe('renderStudy', () => {
  it('shows a body with two lungs darker than what is between and below them', () => {
    for (const patient of patients) {
      const { pixels, lungs } = renderStudy(studyOf(patient, []), 1, size);
      const mean = (of: (i: number) => boolean) => {
        const values = pixels.filter((_, i) => of(i));
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      };
      const lung = mean((i) => lungs[i] === 255);
      const area = lungs.filter((value) => value === 255).length / lungs.length;
      expect(area).toBeGreaterThan(0.12);
      expect(area).toBeLessThan(0.45);
      // A square behind the middle of the heart.
      const heart = mean((i) => Math.abs((i % size) - 50) < 4 && Math.abs(Math.floor(i / size) - 62) < 4);
      expect(heart).toBeGreaterThan(lung + 25);
    }
  });

  it.each(names)('places %s in its region, boxed as it is masked', (finding) => {
    for (const patient of patients) {
      const { lungs, lesions } = renderStudy(studyOf(patient, [finding]), 1, size);
      expect(lesions.length).toBeGreaterThan(0);
      for (const { mask, box, finding: named } of lesions) {
        expect(named).toBe(finding);
        expect(mask.every((value) => value === 0 || value === 255)).toBe(true);
        expect(box).toEqual(boxOf(mask));
        const chest = boxOf(lungs);
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        expect(x > chest.x && x < chest.x + chest.width && y > chest.y && y < chest.y + chest.height).toBe(
          true,
        );
        expect(shareInside(mask, lungs, 2)).toBeGreaterThanOrEqual(leastInLung[finding] ?? 0.5);
      }
    }
  });

  it.each(names)('shows %s in the image', (finding) => {
    const reached = patients.map((patient) => {
      const [with_, without] = [[finding], []].map((findings) =>
        renderStudy(studyOf(patient, findings), 1, size),
      );
      return with_ === undefined || without === undefined ? 0 : difference(with_, without);
    });
    expect(Math.min(...reached)).toBeGreaterThan(0);
  });

  it('draws nodules of less than 3 cm, and masses of more', () => {
    const widths = (finding: Finding) =>
      patients.flatMap((patient) => {
        const { lesions, spacing } = renderStudy(studyOf(patient, [finding]), 1, 256);
        return lesions.map(({ box }) => (Math.max(box.width, box.height) * spacing) / 10);
      });
    // A pixel of 0.14 cm to each side belongs to what is measured.
    expect(Math.max(...widths('Nodule'))).toBeLessThan(3.7);
    expect(Math.max(...widths('Mass'))).toBeLessThan(13);
    const masses = widths('Mass').sort((a, b) => a - b);
    expect(masses[Math.floor(masses.length / 2)]).toBeGreaterThan(3);
  });

  it('widens the heart of cardiomegaly beyond half of the chest, mostly', () => {
    const wide = patients.filter((patient) => {
      const { lesions, lungs } = renderStudy(studyOf(patient, ['Cardiomegaly'], { view: 'PA' }), 1, size);
      return (lesions[0]?.box.width ?? 0) / boxOf(lungs).width > 0.5;
    });
    expect(wide.length).toBeGreaterThanOrEqual(9);
  });

  it('gives the same bytes whenever and in whatever order', () => {
    const studies = patients.map((patient) => studyOf(patient, ['Effusion', 'Nodule']));
    const forwards = studies.map((study) => renderStudy(study, 1, size));
    const backwards = [...studies].reverse().map((study) => renderStudy(study, 1, size));
    expect(backwards.reverse()).toEqual(forwards);
    expect(renderStudy(studyOf(1, []), 2, size).pixels).not.toEqual(
      renderStudy(studyOf(1, []), 1, size).pixels,
    );
  });

  it("keeps a patient's body over follow-ups", () => {
    const image = (patient: number, followUp: number) =>
      renderStudy(studyOf(patient, [], { followUp, view: 'PA', age: 40, sex: 'M' }), 1, size).lungs;
    const overlap = (a: Uint8Array, b: Uint8Array) =>
      a.filter((value, i) => value === 255 && b[i] === 255).length /
      a.filter((value, i) => value === 255 || b[i] === 255).length;
    const [same, other] = [1, 2].map((patient) => overlap(image(1, 0), image(patient, 1)));
    expect(same).toBeGreaterThan(0.7);
    expect(same).toBeGreaterThan(other ?? 1);
  });

  it('scales with the size', () => {
    const [small, large] = [64, 256].map((side) => renderStudy(studyOf(5, ['Effusion']), 1, side));
    expect(large?.spacing).toBeCloseTo((small?.spacing ?? 0) / 4, 10);
    const area = (image: Radiograph | undefined) =>
      (image?.lungs.filter((value) => value === 255).length ?? 0) / (image?.lungs.length ?? 1);
    expect(area(large)).toBeCloseTo(area(small), 1.5);
  });
});
