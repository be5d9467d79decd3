import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import { row } from './row.ts';

const IMAGES = 600;
const SIZE = 64;
const REQUIRED = 0.9;

interface TrainReport {
  readonly test: {
    readonly split: string;
    readonly rows: readonly { readonly label: string | null; readonly dice: number | null }[];
  };
}

/** models/unet-lungs.net, from its initial weights to the Dice of the exported file on patients that it has not seen. */
export const bench: Bench = {
  title: `a small U-Net that netc trains segments the phantom's lungs to a Dice of ${REQUIRED} or more`,
  run: async ({ root, log, seed }) => {
    const folder = await mkdtemp(join(tmpdir(), 'netc-segment-'));
    const netc = async (...args: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [join(root, 'dist', 'netc.cjs'), ...args],
        { cwd: root, maxBuffer: 1e8 },
      );
      for (const line of stderr.split('\n')) if (line.startsWith('epoch')) log(line);
      return stdout;
    };
    try {
      const data = join(folder, 'phantom');
      await netc(
        'data',
        'phantom',
        '--out',
        data,
        '-n',
        `${IMAGES}`,
        '--size',
        `${SIZE}`,
        '--seed',
        `${seed + 1}`,
      );
      const out = join(folder, 'run');
      const start = performance.now();
      const options = ['--seed', `${seed}`, '--out', out, '--no-verify', '--json'];
      const { test } = JSON.parse(
        await netc('train', 'models/unet-lungs.net', '--data', data, ...options),
      ) as TrainReport;
      log(`trained and tested in ${((performance.now() - start) / 1000).toFixed(0)} s`);
      return test.rows.flatMap(({ label, dice }) =>
        label === null
          ? []
          : [
              row(
                `${label}, ${test.split}: 1 - Dice against 1 - ${REQUIRED}`,
                1 - (dice ?? 0),
                1 - REQUIRED,
                1,
              ),
            ],
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
