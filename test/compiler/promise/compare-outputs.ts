import { difference } from '../../../src/verify/difference.ts';
import type { Outputs } from '../../../src/verify/tensors.ts';

/**
 * How far a target may be from the float64 interpreter, as a share of the largest element of an output. Programs are of
 * a dozen layers, and nothing in them magnifies rounding much: epsilons of norms are large, nothing is divided by what may
 * vanish, and what is compared is exact. The largest difference in two thousand programs was about a tenth of this.
 */
export const tolerance = 1e-4;

/** Below this an output is noise of what cancels out, and its share of itself says nothing. */
const smallest = 1e-2;

/** What is wrong with outputs next to those that are expected; undefined where nothing is. */
export function outputsDiffer(
  actual: Outputs,
  expected: Outputs,
  comparesValues: boolean,
): string | undefined {
  if (actual.size !== expected.size) return `has ${actual.size} outputs, not ${expected.size}`;
  for (const [name, { shape, data }] of expected) {
    const given = actual.get(name);
    if (given === undefined) return `has no output ${name}`;
    if (given.shape.join() !== shape.join())
      return `gives ${name} as [${given.shape.join()}], not [${shape.join()}]`;
    if (given.data.length !== data.length) return `gives ${name} with ${given.data.length} elements`;
    if (!comparesValues) continue;
    const { relative, scale } = difference(given.data, data);
    const share = relative * Math.min(1, (scale === 0 ? 1 : scale) / smallest);
    if (!(share <= tolerance))
      return `gives ${name} with values that are off by ${share.toExponential(1)} of the largest`;
  }
  return undefined;
}
