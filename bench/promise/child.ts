import { memoryReader } from '../../src/compiler/source/reader.ts';
import { breakMutant } from '../../test/compiler/promise/break-mutant.ts';
import { breakPromise } from '../../test/compiler/promise/break-promise.ts';
import { findNone } from '../../test/compiler/promise/find-none.ts';
import { mutants } from '../../test/compiler/promise/mutants.ts';
import { programs } from '../../test/compiler/promise/program/random-program.ts';
import type { Target } from '../../test/compiler/promise/run-targets.ts';
import { GROUP } from '../promise.ts';

export type Message =
  | { readonly kind: 'failure'; readonly text: string }
  | {
      readonly kind: 'group';
      readonly programs: number;
      readonly mutants: number;
      /** Mutants that were accepted. */
      readonly run: number;
    };

const targets: readonly Target[] = ['onnx', 'tfjs'];
const [seed = 0, from = 0, to = 0] = process.argv.slice(2).map(Number);

for (let group = from; group < to; group++) {
  tell({ at: group });
  // Not of the groups of other seeds.
  const parameters = { seed: 100_000 * seed + group, numRuns: GROUP };
  let run = 0;
  const made = await count(
    () =>
    findNone(programs, (program) => breakPromise(program, targets), (program) => program.source(), parameters), // prettier-ignore
  );
  const changed = await count(() =>
    findNone(
      mutants,
      async (source) => {
        const path = 'mutant.net';
        const { fate, finding } = await breakMutant(path, memoryReader({ [path]: source }), source, targets);
        if (fate === 'run') run++;
        return finding;
      },
      (source) => source,
      parameters,
    ),
  );
  tell({ kind: 'group', programs: made, mutants: changed, run });
}
// Engines may have threads that are still alive.
process.exit(0);

/** How many were looked at; those of a group that fails count, since the failure does. */
async function count(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    tell({ kind: 'failure', text: error instanceof Error ? error.message : String(error) });
    return GROUP;
  }
}

function tell(message: Message | { readonly at: number }): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
