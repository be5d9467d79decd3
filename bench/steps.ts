import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Errors } from '../test/support/streamed-steps.ts';
import type { Bench } from './bench.ts';
import { row, type Row } from './row.ts';

/** Times what torch's own float32 is off. */
const LIMIT = 3;
const BATCH = 4;

interface Setting {
  readonly network: string;
  readonly size: number;
  /** How many steps there are, each from a state of its own; a state of the large ones is up to 280 MB. */
  readonly states: number;
}

const settings: readonly Setting[] = [
  { network: 'mair-small', size: 96, states: 100 },
  { network: 'mair', size: 64, states: 10 },
  { network: 'densenet121', size: 64, states: 10 },
  { network: 'resnet50', size: 64, states: 6 },
];

/**
 * Single steps of training, each from a state of a training in float64: what the step graph makes of it in ONNX Runtime
 * beside what PyTorch's float32 makes of it in the worse of its layouts. Errors are relative to what float64 changes, and a
 * row has their root mean square over tensors of a kind and states. `--count` is the number of states, for all networks.
 */
export const bench: Bench = {
  title: "a step's error is at most three times that of PyTorch's own float32",
  run: async ({ root, log, seed, count }) => {
    const rows: Row[] = [];
    for (const { network, size, states: own } of settings) {
      const states = count ?? own;
      for (const optimizer of ['sgd', 'adam']) {
        const line = [network, optimizer, size, BATCH, states, seed].map(String);
        const child = ['--import', 'tsx', 'bench/steps/child.ts', ...line];
        const { stdout } = await promisify(execFile)(process.execPath, child, { cwd: root });
        for (const [kind, errors] of JSON.parse(stdout) as readonly (readonly [string, Errors])[]) {
          const { ours, nchw, channels_last: channelsLast } = errors;
          const name = `${network}, ${size} px, N = ${BATCH}, ${optimizer}, ${states} states: ${kind}`;
          log(
            `${name}: ${ours.toExponential(1)}, torch ${nchw.toExponential(1)} and ${channelsLast.toExponential(1)}`,
          );
          rows.push(row(name, ours, Math.max(nchw, channelsLast), LIMIT));
        }
      }
    }
    return rows;
  },
};
