import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import type { Trained } from './mair-small/child.ts';
import { median, row } from './row.ts';

/** The AUC of one training wavers by a hundredth, and of three the noise itself is too little known. */
const SEEDS = 6;
const EPOCHS = 8;
/** As a share of what the TensorFlow.js engine takes for an image, with netc's kernels and with those of TensorFlow.js alone. */
const LIMIT = 0.5;
const LIMIT_OWN_KERNELS = 0.2;

/**
 * MAIR-small by both engines on real radiographs, from the same weights, on the same batches, an epoch in turns, over a few seeds. Their
 * AUCs are the same within the noise of seeds where their means are no more than two standard errors of a difference of such
 * means apart. Beside them stands the same program of TensorFlow.js as it trains in Node without netc's kernels.
 */
export const bench: Bench = {
  title:
    'ONNX Runtime trains MAIR-small to the AUC of the TensorFlow.js engine, at twice its images/s, and five times those of TensorFlow.js alone, or more',
  run: async ({ root, log, seed, count = SEEDS }) => {
    const data = join(root, '..', 'shared', 'data', 'chestxray14-mini');
    if (!existsSync(data)) throw new Error('this bench needs ../shared/data/chestxray14-mini');
    const runs: Trained[] = [];
    for (let i = 0; i < count; i++) {
      const line = [join(root, 'models', 'mair-small.net'), data, EPOCHS, seed + i].map(String);
      const child = ['--import', 'tsx', 'bench/mair-small/child.ts', ...line];
      const { stdout } = await promisify(execFile)(process.execPath, child, { cwd: root });
      const trained = JSON.parse(stdout) as Trained;
      const { auc, times } = trained;
      const rate = (side: Side): string => `${(1000 / median(times[side])).toFixed(0)} images/s`;
      log(`seed ${seed + i}: ort AUC ${auc.ort.toFixed(4)}, ${rate('ort')}; tfjs AUC ${auc.tfjs.toFixed(4)}, ${rate('tfjs')}`); // prettier-ignore
      runs.push(trained);
    }
    const aucs = (side: Side): readonly number[] => runs.map(({ auc }) => auc[side]);
    const perImage = (side: Side): number => median(runs.flatMap(({ times }) => times[side]));
    const [ours, theirs] = [aucs('ort'), aucs('tfjs')];
    const noise = 2 * Math.hypot(standardError(ours), standardError(theirs));
    const alone = await ownKernels(root);
    log(`TensorFlow.js with its own kernels: ${(1000 / alone).toFixed(2)} images/s`);
    log(`mean AUC: ort ${mean(ours).toFixed(4)}, tfjs ${mean(theirs).toFixed(4)}`);
    return [
      row('an epoch of training, ms for an image, against the TensorFlow.js engine', perImage('ort'), perImage('tfjs'), LIMIT), // prettier-ignore
      row('the same against a step of TensorFlow.js with its own kernels alone', perImage('ort'), alone, LIMIT_OWN_KERNELS), // prettier-ignore
      row(`difference of the mean AUCs of ${count} seeds, ${EPOCHS} epochs, against two standard errors of it`, Math.abs(mean(ours) - mean(theirs)), noise, 1), // prettier-ignore
    ];
  },
};

/** Milliseconds for an image of a step of the generated program, see own-kernels.mjs. */
async function ownKernels(root: string): Promise<number> {
  // Inside node_modules, where the program finds TensorFlow.js.
  const parent = join(root, 'node_modules', '.netc-bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'mair-small-'));
  const run = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, args, { cwd: root })).stdout;
  try {
    await run('dist/netc.cjs', 'build', 'models/mair-small.net', '--target', 'tfjs', '--no-verify', '--out', folder); // prettier-ignore
    return Number(await run('bench/mair-small/own-kernels.mjs', join(folder, 'mair-small.train.mjs')));
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Side = keyof Trained['auc'];

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean of these values. */
function standardError(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
