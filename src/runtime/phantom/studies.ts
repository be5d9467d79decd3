import { normalQuantile } from '../../compiler/random/generator.mjs';
import { chestXray14Labels } from '../chestxray14.ts';
import { Draws } from './draws.ts';
import { correlation, phantomPrevalence, portablePrevalence } from './prevalence.ts';
import type { Correlation, Finding } from './prevalence.ts';

/** One radiograph that does not exist yet: everything but its pixels. */
export interface Study {
  /** Name of the image file. */
  readonly name: string;
  /** Counted from 1. */
  readonly patient: number;
  /** 0 for the patient's first image. */
  readonly followUp: number;
  /** In years. */
  readonly age: number;
  readonly sex: 'M' | 'F';
  readonly view: 'PA' | 'AP';
  /** In the order of `chestXray14Labels`; empty for No Finding. */
  readonly findings: readonly Finding[];
  readonly split: 'train' | 'test';
}

const longestSeries = 12;

/** The share of a factor that belongs to the patient; the rest changes from image to image. */
const factorPersistence = 0.5;

/**
 * The first `count` studies of a seed. Each depends on the seed and on its place alone, so that a longer list begins with
 * the shorter one. Every fifth patient is in the test split; the first two patients have one image each, so that from two
 * images on both splits have some. RangeError for a count below 2.
 */
export function phantomStudies(count: number, seed: number): readonly Study[] {
  if (!Number.isSafeInteger(count) || count < 2) {
    throw new RangeError(`a phantom has 2 images or more, so that both splits have one, not ${count}`);
  }
  const studies: Study[] = [];
  for (let patient = 1; studies.length < count; patient++) {
    const series = seriesOf(patient, seed);
    studies.push(...series.slice(0, count - studies.length));
  }
  return studies;
}

function seriesOf(patient: number, seed: number): readonly Study[] {
  const draws = new Draws(seed, `phantom patient ${patient}`);
  // 57 of 100 patients of ChestX-ray14 have one image; the others have longer series there than here.
  let length = 1;
  if (patient > 2 && draws.chance(0.43))
    do length++;
    while (length < longestSeries && draws.chance(0.7));
  const sex = draws.chance(63340 / 112120) ? ('M' as const) : ('F' as const);
  const firstAge = Math.round(Math.min(92, Math.max(4, 47 + 17 * draws.normal())));
  const own = new Latent(draws);
  return Array.from({ length }, (_, followUp) => {
    const visit = new Latent(new Draws(seed, `phantom patient ${patient} image ${followUp}`));
    const present = (name: Finding | 'portable', prevalence: number) =>
      own.with(visit, name) < normalQuantile(prevalence - 0.5);
    const serial = [String(patient).padStart(6, '0'), String(followUp).padStart(3, '0')].join('_');
    return {
      name: `synthetic_${serial}.png`,
      patient,
      followUp,
      age: firstAge + Math.floor(followUp / 3),
      sex,
      view: present('portable', portablePrevalence) ? 'AP' : 'PA',
      findings: chestXray14Labels.filter((finding) => present(finding, phantomPrevalence[finding])),
      split: patient % 5 === 2 ? 'test' : 'train',
    };
  });
}

/** The normal numbers behind the findings: four factors, and one for each finding alone. */
class Latent {
  readonly #factors: readonly number[];
  readonly #own: ReadonlyMap<string, number>;

  constructor(draws: Draws) {
    this.#factors = Array.from({ length: 4 }, () => draws.normal());
    this.#own = new Map([...chestXray14Labels, 'portable'].map((name) => [name, draws.normal()]));
  }

  /** Standard normal: what the patient brings and what the day of `visit` adds. */
  with(visit: Latent, name: Finding | 'portable'): number {
    const { loadings, persistence }: Correlation = correlation[name];
    let shared = 0;
    let communality = 0;
    loadings.forEach((loading, f) => {
      shared += loading * mix(this.#factors[f] ?? 0, visit.#factors[f] ?? 0, factorPersistence);
      communality += loading ** 2;
    });
    const own = mix(this.#own.get(name) ?? 0, visit.#own.get(name) ?? 0, persistence);
    return shared + Math.sqrt(1 - communality) * own;
  }
}

/** Two standard normal numbers as one. */
function mix(lasting: number, passing: number, share: number): number {
  return Math.sqrt(share) * lasting + Math.sqrt(1 - share) * passing;
}
