import { availableParallelism } from 'node:os';
import type { Bench } from './bench.ts';
import type { Message } from './promise/child.ts';
import { row } from './row.ts';
import { inBatches } from './support/batches.ts';

const PROGRAMS = 10_000;
/** Programs that are drawn together: a failure names the seed of its group. */
export const GROUP = 50;
/** Modules that were imported stay in memory: after this many groups a new process begins. */
const GROUPS_A_PROCESS = 4;
/** For each processor: much of the time a process waits for what its engines and its module loader do in other threads. */
const PROCESSES = 3;

/**
 * Programs drawn at random, right by construction, on the interpreter, in ONNX Runtime and in TensorFlow.js: accepted
 * where their numbers are admissible, with outputs of the predicted shapes and equal values. And as many with a mistake in
 * them: refused, or of the same shapes everywhere.
 */
export const bench: Bench = {
  title: 'generated programs, and as many mutants of others, keep the promise on all three targets',
  run: async ({ root, log, seed, count = PROGRAMS }) => {
    const found: string[] = [];
    const sums = { programs: 0, mutants: 0, run: 0 };
    const tell = (failure: string): void => {
      found.push(failure);
      log(failure);
    };
    await inBatches<Message>({
      root,
      script: 'bench/promise/child.ts',
      seed,
      count: Math.ceil(count / GROUP),
      size: GROUPS_A_PROCESS,
      processes: PROCESSES * availableParallelism(),
      patience: 600_000,
      heard: (message) => {
        if (message.kind === 'failure') return tell(message.text);
        sums.programs += message.programs;
        sums.mutants += message.mutants;
        sums.run += message.run;
        if (sums.programs % 500 === 0) log(`${sums.programs} programs, ${sums.mutants} mutants`);
      },
      lost: (group, why) => tell(`group ${group}: ${why}`),
    });
    log(`${sums.programs} programs; of ${sums.mutants} mutants ${sums.run} were accepted and run`);
    return [
      row(`failures among ${count} programs, and as many mutants`, found.length, count, 0),
      row(
        'programs and mutants that were looked at against those asked for',
        2 * count,
        sums.programs + sums.mutants,
        1,
      ),
    ];
  },
};
