import { join } from 'node:path';
import { withHugePages } from '../../src/runtime/training/huge-pages.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { comparison, row, type Row } from '../row.ts';
import { cpuFlags } from '../support/cpu.ts';
import { PYTHON, torchvisionMissing } from '../support/python.ts';
import { bundled } from './bundled.ts';
import { Stepper } from './stepper.ts';

const STEPS = 9;
const THREADS = 2;

const layouts = ['nchw', 'channels_last'] as const;
type Layout = (typeof layouts)[number];

export interface Setting {
  /** As torch_step.py knows it. */
  readonly network: string;
  /** The path from this folder to its source. */
  readonly source: string;
  /** Pixels of an image, either way. */
  readonly size: number;
  readonly batch: number;
  /** How long a step may take, and how much memory, as shares of PyTorch's in these layouts; of memory in NCHW. */
  readonly limits: { readonly nchw: number; readonly channelsLast?: number; readonly memory?: number };
  /** Bytes that a second step of netc may hold, so that its process takes half of PyTorch's memory. */
  readonly budget?: number;
}

/** What a bench runs that compares the steps of these networks. */
export function comparing(settings: readonly Setting[]): Bench['run'] {
  return async (context) => {
    const missing = torchvisionMissing();
    if (missing !== undefined) throw new Error(missing);
    const rows: Row[] = [];
    for (const setting of settings) rows.push(...(await compareSteps(setting, context)));
    return rows;
  };
}

/**
 * A step of training by netc's step graph in ONNX Runtime against PyTorch's on the same two threads: the better of
 * PyTorch's default kernels and, on a processor that has them, those that ATEN_CPU_CAPABILITY=avx512 asks for, in each of
 * its layouts. netc asks the system for pages of 2 MB, as `netc train` does; PyTorch does not, and for comparison it is
 * started so that it does, too. All processes live at the same time and take their steps in turns.
 */
async function compareSteps(
  { network, source, size, batch, limits, budget }: Setting,
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
  const child = [await bundled(root, join(folder, 'child.ts')), source, batch, size, THREADS];
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
    const timed = (peer: Stepper, limit?: number): Row =>
      limited(`${name} ${peer.name}, ms`, ours.time, peer.time, limit);
    return [
      timed(nchw, limits.nchw),
      timed(channelsLast, limits.channelsLast),
      ...layouts.map((layout) => timed(best(layout, true))),
      limited(`${name} ${nchw.name}, peak memory in MB`, ours.memory / 1e6, nchw.memory / 1e6, limits.memory),
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

/** A row that claims something where there is a limit. */
function limited(name: string, ours: number, peer: number, limit: number | undefined): Row {
  return limit === undefined ? comparison(name, ours, peer) : row(name, ours, peer, limit);
}
