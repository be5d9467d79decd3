import { difference } from '../../../src/verify/difference.ts';
import type { Outputs } from '../../../src/verify/tensors.ts';

/**
 * How far a target may be from the float64 interpreter, as a share of the largest element of an output. Programs are of
 * a dozen layers, and nothing in them magnifies rounding much: epsilons of norms are large, nothing is divided by what may
 * vanish, and what is compared is exact. The largest difference in two thousand programs was about a tenth of this.
 */
const tolerance = 1e-4;

/**
 * Where terms cancel, as in mean(x - mean(x)), what is left is rounding, and its share of itself says nothing: there a
 * target may be off by this many times what the interpreter is when it rounds the result of each operation. Within an
 * operation targets round partial sums too, in an order of their own.
 */
const roundings = 32;

/**
 * What is wrong with outputs next to those that are expected; undefined where nothing is. Values are not compared where
 * `deviations` is left out.
 *
 * @param deviations how far rounding carries each output; asked for only where one is not close by itself
 */
export function outputsDiffer(
  actual: Outputs,
  expected: Outputs,
  deviations?: () => ReadonlyMap<string, number>,
): string | undefined {
  if (actual.size !== expected.size) return `has ${actual.size} outputs, not ${expected.size}`;
  for (const [name, { shape, data }] of expected) {
    const given = actual.get(name);
    if (given === undefined) return `has no output ${name}`;
    if (given.shape.join() !== shape.join())
      return `gives ${name} as [${given.shape.join()}], not [${shape.join()}]`;
    if (given.data.length !== data.length) return `gives ${name} with ${given.data.length} elements`;
    if (deviations === undefined) continue;
    const { relative, scale } = difference(given.data, data);
    const deviation = scale === 0 ? relative : relative * scale;
    if (deviation <= tolerance * scale) continue;
    const rounding = deviations().get(name) ?? 0;
    if (!(deviation <= roundings * rounding)) {
      const share = `${relative.toExponential(1)} of the largest`;
      return `gives ${name} with values that are off by ${share}, and rounding makes ${rounding.toExponential(1)}`;
    }
  }
  return undefined;
}
