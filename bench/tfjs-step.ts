import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import { median, row } from './row.ts';

const STEPS = 7;
const IMAGES = 4;
/** Images a second of a step written with public operations of tfjs alone, and what ours has to reach. */
const PROTOTYPE = 0.86;
const REQUIRED = 0.8;
/** The generated program beside one written by hand on the same kernels. */
const LIMIT_BY_HAND = 1.15;

interface StepTime {
  readonly wall: number;
  readonly processor: number;
  readonly loss: number;
}

/**
 * A training step of the program generated from models/densenet121.net on WebAssembly: one thread, 224 px, 4 images. By
 * processor time, which is what a step takes on a machine that has nothing else to do.
 */
export const bench: Bench = {
  title: `the generated DenseNet-121 trains ${REQUIRED} images/s or more on WASM, one thread`,
  run: async ({ root, log }) => {
    // Inside node_modules, where the program finds tfjs.
    const parent = join(root, 'node_modules', '.netc-bench');
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, 'program-'));
    const children: ChildProcess[] = [];
    try {
      const build = ['build', 'models/densenet121.net', '--target', 'tfjs', '--no-verify', '--out', folder];
      await promisify(execFile)(process.execPath, ['dist/netc.cjs', ...build], { cwd: root });
      const start = async (...args: readonly string[]): Promise<ChildProcess> => {
        const child = fork(join(root, 'bench', 'tfjs-step', 'child.mjs'), args, { cwd: root });
        children.push(child);
        await answerOf(child);
        return child;
      };
      const generated = await start('generated', join(folder, 'densenet121.train.mjs'));
      const byHand = await start('hand-written');
      const times = { generated: [] as StepTime[], byHand: [] as StepTime[] };
      // The first step of each compiles and allocates, and does not count.
      for (let step = 0; step <= STEPS; step++) {
        const both = { generated: await stepOf(generated), byHand: await stepOf(byHand) };
        if (step === 0) continue;
        times.generated.push(both.generated);
        times.byHand.push(both.byHand);
      }
      for (const [side, taken] of Object.entries(times)) {
        const wall = IMAGES / median(taken.map(({ wall }) => wall));
        log(`${side}: ${wall.toFixed(2)} images/s by the clock, loss ${taken.at(-1)?.loss.toFixed(3)}`);
      }
      const ours = processorTime(times.generated);
      const unit = 'seconds of the processor for a step of 4';
      return [
        row(`generated against public operations, ${unit}`, ours, IMAGES / PROTOTYPE, PROTOTYPE / REQUIRED),
        row(`generated against written by hand, ${unit}`, ours, processorTime(times.byHand), LIMIT_BY_HAND),
      ];
    } finally {
      for (const child of children) child.kill();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function processorTime(times: readonly StepTime[]): number {
  return median(times.map(({ processor }) => processor));
}

async function stepOf(child: ChildProcess): Promise<StepTime> {
  child.send('step');
  return (await answerOf(child)) as StepTime;
}

/** The next message of a child. Throws where it ends instead. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal: ended.signal }).then(([code]: unknown[]) => {
        throw new Error(`a side of the bench ended with ${String(code)}`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
