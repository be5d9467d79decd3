import fc from 'fast-check';
import { writeCase } from './case-file.ts';
import { thrown, type Finding } from './finding.ts';

/** Looks at a value; a finding is what is wrong with it. An exception is one, too. */
export type Look<T> = (value: T) => Promise<Finding | undefined> | Finding | undefined;

/**
 * Looks at random values and throws where one of them is a finding: the smallest that can be made of it, which is also
 * written as a case file.
 *
 * @param sourceOf what the file holds where a look ends with an exception
 * @returns how many values were looked at
 */
export async function findNone<T>(
  values: fc.Arbitrary<T>,
  look: Look<T>,
  sourceOf: (value: T) => string,
  {
    folder,
    ...parameters
  }: { readonly folder?: string } & Pick<fc.Parameters<[T]>, 'seed' | 'numRuns' | 'path'>,
): Promise<number> {
  const safely = async (value: T): Promise<Finding | undefined> => {
    try {
      return await look(value);
    } catch (error) {
      return { source: sourceOf(value), what: thrown(error) };
    }
  };
  const isRight = fc.asyncProperty(values, async (value) => (await safely(value)) === undefined);
  const { failed, counterexample, counterexamplePath, seed, numRuns } = await fc.check(isRight, parameters);
  if (!failed) return numRuns;
  const [smallest] = counterexample ?? [];
  const finding = smallest === undefined ? undefined : await safely(smallest);
  if (finding === undefined)
    throw new Error(`a failure does not come again (seed ${seed}, path ${counterexamplePath})`);
  const path = writeCase(finding, folder);
  throw new Error(
    [
      finding.what,
      '',
      `The smallest such program is ${path}: once it is mended, move it to test/cases.`,
      `It came with { seed: ${seed}, path: '${counterexamplePath}' }.`,
      '',
      finding.source,
    ].join('\n'),
  );
}
