import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GradientError } from '../test/support/whole-gradients.ts';
import type { Bench } from './bench.ts';
import { median, row, type Row } from './row.ts';

/** What the norm of a difference may be, as a share of that of the gradient, where nothing has a kink. */
const TOLERANCE = 1e-4;
/** Where ReLU has kinks: times what torch's own float32 is off. */
const LIMIT = 3;
const SEEDS = 5;
const SIZE = 224;
const BATCH = 2;

/**
 * Every gradient of a whole network as the step graph has it in ONNX Runtime, beside PyTorch's in float64: with SiLU in the
 * place of ReLU each for itself; with ReLU, whose kinks rounding can cross, their median over seeds beside that of
 * PyTorch's own float32 in the worse of its layouts.
 */
export const bench: Bench = {
  title: `gradients of DenseNet-121, ResNet-50 and MAIR at ${SIZE} px, N = ${BATCH}, are those of PyTorch in float64`,
  run: async ({ root, log, seed, count = SEEDS }) => {
    const errorsOf = async (network: string, activation: string, seedNow: number) => {
      const line = [network, activation, SIZE, BATCH, seedNow].map(String);
      const child = ['--import', 'tsx', 'bench/gradients/child.ts', ...line];
      const { stdout } = await promisify(execFile)(process.execPath, child, { cwd: root });
      const errors = JSON.parse(stdout) as readonly GradientError[];
      log(`${network}, ${activation}, seed ${seedNow}: ${summary(errors)}`);
      return errors;
    };
    const rows: Row[] = [];
    for (const network of ['densenet121', 'resnet50', 'mair']) {
      const worst = Math.max(...(await errorsOf(network, 'silu', seed)).map(({ ours }) => ours));
      rows.push(row(`${network}, SiLU: largest relative error of a tensor`, worst, TOLERANCE, 1));
      const errors: GradientError[] = [];
      for (let i = 0; i < count; i++) errors.push(...(await errorsOf(network, 'relu', seed + i)));
      const theirs = Math.max(medianOf(errors, 'nchw'), medianOf(errors, 'channelsLast'));
      const name = `${network}, ReLU, ${count} seeds: median relative error, beside torch float32`;
      rows.push(row(name, medianOf(errors, 'ours'), theirs, LIMIT));
    }
    return rows;
  },
};

type Side = Exclude<keyof GradientError, 'path'>;

function medianOf(errors: readonly GradientError[], side: Side): number {
  return median(errors.map((error) => error[side]));
}

function summary(errors: readonly GradientError[]): string {
  const parts = (['ours', 'nchw', 'channelsLast'] as const).map((side) => {
    const largest = Math.max(...errors.map((error) => error[side]));
    return `${side} median ${medianOf(errors, side).toExponential(1)}, largest ${largest.toExponential(1)}`;
  });
  return `${errors.length} tensors; ${parts.join('; ')}`;
}
