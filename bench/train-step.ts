import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench, BenchContext } from './bench.ts';
import { withHugePages } from '../src/runtime/training/huge-pages.ts';
import { bundled } from './train-step/bundled.ts';
import { comparison, median, row, type Row } from './row.ts';
import { cpuFlags } from './support/cpu.ts';
import { PYTHON, torchvisionMissing } from './support/python.ts';

const STEPS = 9;
const THREADS = 2;

const layouts = ['nchw', 'channels_last'] as const;
type Layout = (typeof layouts)[number];

interface Setting {
  readonly network: 'densenet121' | 'resnet50' | 'mair' | 'mair-small';
  /** Pixels of an image, either way. */
  readonly size: number;
  readonly batch: number;
  /** How long a step may take, as a share of PyTorch's. */
  readonly limits: { readonly nchw: number; readonly channelsLast?: number };
  /** Bytes that a second step of netc may hold, so that its process takes half of PyTorch's memory. */
  readonly budget?: number;
}

const settings: readonly Setting[] = [
  { network: 'densenet121', size: 224, batch: 8, limits: { nchw: 0.9, channelsLast: 1 }, budget: 335e6 },
  { network: 'densenet121', size: 224, batch: 16, limits: { nchw: 0.85 } },
  { network: 'resnet50', size: 224, batch: 8, limits: { nchw: 1 } },
  { network: 'mair', size: 224, batch: 8, limits: { nchw: 1 } },
  { network: 'mair-small', size: 96, batch: 32, limits: { nchw: 1 } },
];

/**
 * A step of training by netc's step graph in ONNX Runtime against PyTorch's on the same two threads: the better of
 * PyTorch's default kernels and, on a processor that has them, those that ATEN_CPU_CAPABILITY=avx512 asks for, in each of
 * its layouts. netc asks the system for pages of 2 MB, as `netc train` does; PyTorch does not, and for comparison it is
 * started so that it does, too. All processes live at the same time and take their steps in turns.
 */
export const bench: Bench = {
  title: "a training step takes no longer than PyTorch's",
  run: async (context) => {
    const missing = torchvisionMissing();
    if (missing !== undefined) throw new Error(missing);
    const rows: Row[] = [];
    for (const setting of settings) rows.push(...(await compare(setting, context)));
    return rows;
  },
};

async function compare(
  { network, size, batch, limits, budget }: Setting,
  { root, log }: BenchContext,
): Promise<readonly Row[]> {
  const folder = join(root, 'bench', 'train-step');
  const torch = (layout: Layout, capability: string, pages = ''): Promise<Stepper> => {
    const kernels = capability === '' ? process.env : { ...process.env, ATEN_CPU_CAPABILITY: capability };
    return Stepper.start(
      `torch ${layout}, ${capability === '' ? 'default' : capability} kernels${pages}`,
      PYTHON,
      [join(folder, 'torch_step.py'), network, batch, size, layout, THREADS],
      { root, env: pages === '' ? kernels : withHugePages(kernels) },
    );
  };
  const child = [await bundled(root, join(folder, 'child.ts')), `${network}.net`, batch, size, THREADS];
  // Asked for what the processor has not, it would end with an illegal instruction.
  const capabilities = (await cpuFlags()).has('avx512f') ? ['', 'avx512'] : [''];
  const steppers: Stepper[] = [];
  let small: Stepper | undefined;
  try {
    const { env } = process;
    steppers.push(await Stepper.start('netc', process.execPath, child, { root, env }));
    for (const layout of layouts) {
      for (const capability of capabilities) {
        steppers.push(await torch(layout, capability));
        steppers.push(await torch(layout, capability, ', pages of 2 MB'));
      }
    }
    if (budget !== undefined) {
      small = await Stepper.start('netc with a budget', process.execPath, [...child, budget], { root, env });
      steppers.push(small);
    }
    // The first step of each allocates, and does not count.
    for (let step = 0; step <= STEPS; step++) {
      for (const stepper of steppers) await stepper.step(step > 0);
    }
    for (const { name, time, memory } of steppers) {
      log(`${network}, N = ${batch}: ${name}: ${time.toFixed(0)} ms, ${(memory / 1e9).toFixed(2)} GB`);
    }
    const [ours, ...theirs] = steppers;
    if (ours === undefined) throw new Error('nobody steps');
    const best = (layout: Layout, hasPages: boolean): Stepper => {
      const [first] = theirs
        .filter(({ name }) => name.includes(layout) && name.includes('pages') === hasPages)
        .toSorted((a, b) => a.time - b.time);
      if (first === undefined) throw new Error(`nobody steps in ${layout}`);
      return first;
    };
    const [nchw, channelsLast] = [best('nchw', false), best('channels_last', false)];
    const name = `${network}, N = ${batch}, netc against`;
    const timed = (peer: Stepper, limit?: number): Row => {
      const what = `${name} ${peer.name}, ms`;
      return limit === undefined
        ? comparison(what, ours.time, peer.time)
        : row(what, ours.time, peer.time, limit);
    };
    return [
      timed(nchw, limits.nchw),
      timed(channelsLast, limits.channelsLast),
      ...layouts.map((layout) => timed(best(layout, true))),
      row(`${name} ${nchw.name}, peak memory in MB`, ours.memory / 1e6, nchw.memory / 1e6, 1),
      ...(small === undefined
        ? []
        : [
            row(`${network}, N = ${batch}, netc with a budget against ${nchw.name}, peak memory in MB`, small.memory / 1e6, nchw.memory / 1e6, 0.5), // prettier-ignore
            row(
              `${network}, N = ${batch}, netc with a budget against without, ms`,
              small.time,
              ours.time,
              1.3,
            ),
          ]),
    ];
  } finally {
    for (const stepper of steppers) stepper.stop();
  }
}

interface Answer {
  readonly ms?: number;
  readonly memory?: number;
}

/** A process that takes a step for each line that it is given. */
class Stepper {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #times: number[] = [];
  memory = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    if (child.stdout === null) throw new Error('a stepper has no output');
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is ready. */
  static async start(
    name: string,
    file: string,
    args: readonly (string | number)[],
    { root, env }: { readonly root: string; readonly env: NodeJS.ProcessEnv },
  ): Promise<Stepper> {
    const child = spawn(file, args.map(String), { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child, 'spawn');
    const stepper = new Stepper(name, child);
    await stepper.#answer();
    return stepper;
  }

  async step(counts: boolean): Promise<void> {
    this.#child.stdin?.write('\n');
    const { ms = NaN, memory = NaN } = await this.#answer();
    this.memory = memory;
    if (counts) this.#times.push(ms);
  }

  /** Milliseconds of a step. */
  get time(): number {
    return median(this.#times);
  }

  stop(): void {
    this.#child.kill();
  }

  async #answer(): Promise<Answer> {
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`${this.name} has ended`);
    return JSON.parse(answer.value) as Answer;
  }
}
