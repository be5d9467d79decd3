import type { BootstrapOptions } from '../metrics/bootstrap.ts';
import type { Sample } from '../sample.ts';

/** What a table of any measure needs for intervals over the patients of samples; none without a seed. */
export function resampling(
  samples: readonly Sample[],
  seed: number | undefined,
): { readonly bootstrap?: BootstrapOptions & { readonly patients: readonly string[] } } {
  if (seed === undefined) return {};
  return { bootstrap: { seed, replicates: 1000, patients: samples.map(({ patient }) => patient) } };
}
