import { uniforms } from '../../compiler/random/generator.mjs';
import type { Interval } from './interval.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** How many times the patients are drawn again. */
  readonly replicates: number;
}

export interface Bootstrap extends BootstrapOptions {
  /** Replicates in which the mean is defined, for AUCs a positive and a negative of every class: the interval is theirs. */
  readonly used: number;
  /** `undefined` where fewer than half of the replicates, or fewer than 40, could be used. */
  readonly interval: Interval | undefined;
}

/** With fewer, not one replicate would lie below the percentile 2.5. */
const fewest = 40;

/**
 * The 95 % interval of a mean over samples and classes, by the bootstrap's percentiles (Efron and Tibshirani, "An
 * Introduction to the Bootstrap", 1993). There is no formula for it: the classes are scored on the same images, and the
 * images of one patient resemble each other. So patients are drawn, with all of their images and all classes at once.
 * `patients` has one name for each sample; the draws depend on the seed and on the order in which patients first
 * appear, on nothing else. `meanBy` is given how often each sample was drawn.
 *
 * A replicate whose mean is not defined, as one that loses all positives of a class, is left out: its mean would be one
 * over other classes.
 */
export function bootstrapMean(
  patients: readonly string[],
  { seed, replicates }: BootstrapOptions,
  meanBy: (times: Uint32Array) => number | undefined,
): Bootstrap {
  const numbers = new Map<string, number>();
  const patientOf = Uint32Array.from(patients, (patient) => {
    const number = numbers.get(patient) ?? numbers.size;
    numbers.set(patient, number);
    return number;
  });
  const times = new Uint32Array(numbers.size);
  const weights = new Uint32Array(patients.length);
  const means: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    times.fill(0);
    for (const draw of uniforms(numbers.size, seed, '(bootstrap over patients)', replicate)) {
      const drawn = Math.floor(draw * numbers.size);
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
    patientOf.forEach((patient, sample) => (weights[sample] = times[patient] ?? 0));
    const mean = meanBy(weights);
    if (mean !== undefined) means.push(mean);
  }
  const used = means.length;
  const enough = used >= fewest && 2 * used >= replicates;
  means.sort((a, b) => a - b);
  const interval = enough ? { low: percentile(means, 0.025), high: percentile(means, 0.975) } : undefined;
  return { seed, replicates, used, interval };
}

/** Between the two sorted values next to it, in proportion. */
function percentile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below = 0, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (place - Math.floor(place)) * (above - below);
}
