import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { row } from './row.ts';
import { timeProcesses } from './support/processes.ts';
import { PYTHON, torchvisionMissing } from './support/python.ts';

const ROUNDS = 9;
const LIMIT = 0.3;

/**
 * `netc build models/mair.net --no-verify` to both targets against a Python process that exports torchvision's
 * DenseNet-121, the backbone of MAIR alone, with `torch.onnx.export`. Both make their weights and write a file.
 */
export const bench: Bench = {
  title: `building models/mair.net to both targets takes no more than ${LIMIT} of torch.onnx.export on DenseNet-121`,
  run: async ({ root }) => {
    const missing = torchvisionMissing();
    if (missing !== undefined) throw new Error(`the other side cannot be run: ${missing}`);
    const folder = await mkdtemp(join(tmpdir(), 'netc-bench-'));
    try {
      const build = [
        'dist/netc.cjs',
        'build',
        'models/mair.net',
        '--no-verify',
        '--out',
        join(folder, 'out'),
      ];
      const { ours, peer } = await timeProcesses(
        {
          ours: { file: process.execPath, args: build, cwd: root },
          peer: {
            file: PYTHON,
            args: ['bench/export-densenet121.py', join(folder, 'densenet121.onnx')],
            cwd: root,
          },
        },
        ROUNDS,
      );
      return [
        row('netc build models/mair.net against torch.onnx.export of DenseNet-121, ms', ours, peer, LIMIT),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
