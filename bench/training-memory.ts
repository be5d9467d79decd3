import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import { row } from './row.ts';

const STEPS = 500;
/** Until then engine, heap and caches grow to what they need. */
const SETTLED = 100;
const LIMIT = 1.05;

interface Reading {
  readonly step: number;
  readonly tensors: number;
  /** Resident memory of the process, in megabytes. */
  readonly resident: number;
}

/** Training MAIR-small for 500 steps on WebAssembly: what it holds at the end against what it held early on. */
export const bench: Bench = {
  title: `${STEPS} steps of training hold as many tensors at the end as at step 2, and no more memory than at step ${SETTLED}`,
  run: async ({ root, log }) => {
    // Inside node_modules, where the program finds tfjs.
    const parent = join(root, 'node_modules', '.netc-bench');
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, 'program-'));
    try {
      const run = promisify(execFile);
      const build = ['build', 'models/mair-small.net', '--target', 'tfjs', '--no-verify', '--out', folder];
      await run(process.execPath, ['dist/netc.cjs', ...build], { cwd: root });
      const child = [
        '--expose-gc',
        'bench/training-memory/child.mjs',
        join(folder, 'mair-small.train.mjs'),
        String(STEPS),
      ];
      const { stdout } = await run(process.execPath, child, { cwd: root });
      const readings = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Reading);
      const at = (step: number): Reading => {
        const reading = readings.find((one) => one.step === step);
        if (reading === undefined) throw new Error(`the training did not reach step ${step}`);
        return reading;
      };
      for (const { step, tensors, resident } of readings)
        log(`step ${step}: ${tensors} tensors, ${resident} MB`);
      return [
        row(`tensors after step ${STEPS} against step 2`, at(STEPS).tensors, at(2).tensors, 1),
        row(
          `resident memory after step ${STEPS} against step ${SETTLED}, MB`,
          at(STEPS).resident,
          at(SETTLED).resident,
          LIMIT,
        ),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
