import { availableParallelism } from 'node:os';
import type { Bench } from './bench.ts';
import type { Message } from './hostile/child.ts';
import { row } from './row.ts';
import { inBatches } from './support/batches.ts';

const SOURCES = 100_000;
const SOURCES_A_PROCESS = 2_500;
/** Milliseconds. */
const SLOW = 1_000;
/** Megabytes that a process may have resident. */
const MEMORY = 1_024;
/** Megabytes of its heap. Without a limit it would grow to where collecting begins, whatever a source needs. */
const HEAP = 640;
/**
 * Milliseconds after which a source is given up. They are by the clock, on a machine that may do much else meanwhile; the
 * limit of a check is in time of the processor.
 */
const PATIENCE = 300_000;

/** Changed and random sources: none may crash the check, take it long, or make it need much memory. */
export const bench: Bench = {
  title: `mutated and random sources are checked without a crash, each within ${SLOW / 1e3} s, and within ${MEMORY} MB`,
  run: async ({ root, log, seed, count = SOURCES }) => {
    const failures: string[] = [];
    let [checked, refused, slowest, memory] = [0, 0, 0, 0];
    const tell = (failure: string): void => {
      failures.push(failure);
      log(failure);
    };
    await inBatches<Message>({
      root,
      script: 'bench/hostile/child.ts',
      seed,
      count,
      size: SOURCES_A_PROCESS,
      processes: availableParallelism(),
      heap: HEAP,
      patience: PATIENCE,
      heard: (message) => {
        switch (message.kind) {
          case 'failure':
            return tell(`source ${message.index}: ${message.what}`);
          case 'slow':
            return log(`source ${message.index} takes ${message.milliseconds.toFixed(0)} ms`);
          case 'batch':
            checked += message.checked;
            refused += message.refused;
            slowest = Math.max(slowest, message.slowest);
            memory = Math.max(memory, message.memory);
            log(
              `${checked} sources, ${refused} of them refused; slowest ${slowest.toFixed(0)} ms, ${memory.toFixed(0)} MB`,
            );
        }
      },
      lost: (index, why) => tell(`source ${index}: ${why}`),
    });
    return [
      row(`failures among ${count} sources`, failures.length, count, 0),
      row(`slowest check against ${SLOW}, ms`, slowest, SLOW, 1),
      row(`most memory of a process against ${MEMORY}, MB`, memory, MEMORY, 1),
    ];
  },
};
