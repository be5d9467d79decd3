import { permutation } from '../compiler/random/generator.mjs';
import { UserError } from './errors.ts';
import type { Sample } from './sample.ts';

export interface ValidationSplit {
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
}

/**
 * Holds out whole patients with about `fraction` of the samples, between 0 and 1, for validation; both parts keep the
 * order of the samples and neither is empty. Who is held out depends on the samples, `fraction` and `seed`, not on the
 * order.
 *
 * Every label is held out in about the same proportion: patients are sorted by the rarest finding that they have, in
 * random order among those who share it, and taken from this row at even distances.
 *
 * UserError R2011 when all samples are of one patient. RangeError for a fraction that is none.
 */
export function splitValidation(
  samples: readonly Sample[],
  { fraction = 0.1, seed }: { readonly fraction?: number; readonly seed: number },
): ValidationSplit {
  if (!(fraction > 0 && fraction < 1))
    throw new RangeError(`a fraction for validation lies between 0 and 1, not at ${fraction}`);
  const patients = groupByPatient(samples);
  if (patients.size < 2) {
    throw new UserError(
      'R2011',
      `All ${samples.length} training images are of the same patient, so that none can be held out for validation.`,
      { remedy: 'Add images of other patients to the training list.' },
    );
  }
  const row = rowOfPatients(patients, seed);
  const heldOut = new Set<string>();
  // Each sample adds its share to what is due; a patient is taken when that comes nearer to it than leaving them.
  let due = 0;
  for (const [patient, { length }] of row) {
    due += fraction * length;
    if (due < length / 2) continue;
    heldOut.add(patient);
    due -= length;
  }
  const [first] = row[0] ?? [];
  if (heldOut.size === 0 && first !== undefined) heldOut.add(first);
  if (heldOut.size === row.length && first !== undefined) heldOut.delete(first);
  return {
    train: samples.filter(({ patient }) => !heldOut.has(patient)),
    validation: samples.filter(({ patient }) => heldOut.has(patient)),
  };
}

type Patient = readonly [name: string, samples: readonly Sample[]];

function groupByPatient(samples: readonly Sample[]): ReadonlyMap<string, readonly Sample[]> {
  const patients = new Map<string, Sample[]>();
  for (const sample of samples) {
    const own = patients.get(sample.patient);
    if (own === undefined) patients.set(sample.patient, [sample]);
    else own.push(sample);
  }
  return patients;
}

function rowOfPatients(patients: ReadonlyMap<string, readonly Sample[]>, seed: number): readonly Patient[] {
  const sorted = [...patients].sort(([a], [b]) => (a < b ? -1 : 1));
  // A parameter's name never has brackets, so this sequence is no parameter's.
  const order = permutation(sorted.length, seed, '(order of patients)');
  const drawn = Array.from(order, (index) => sorted[index]).filter((patient) => patient !== undefined);

  const positives: number[] = [];
  for (const [, own] of sorted)
    for (const { labels } of own) labels.forEach((label, k) => (positives[k] = (positives[k] ?? 0) + label));
  const byRarity = [...positives.keys()].sort((a, b) => (positives[a] ?? 0) - (positives[b] ?? 0));
  const rarest = ([, own]: Patient) => {
    const rank = byRarity.findIndex((k) => own.some(({ labels }) => labels[k] === 1));
    return rank < 0 ? byRarity.length : rank;
  };
  return drawn
    .map((patient) => ({ patient, rank: rarest(patient) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ patient }) => patient);
}
