import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/runtime/errors.ts';
import { GraphRunner } from '../../../src/runtime/training/graph-runner.mjs';
import { ProcessRunner } from '../../../src/runtime/training/process-runner.ts';
import type { PlainTensor, Runner } from '../../../src/runtime/training/runner.ts';
import { counterGraph } from './counter-graph.ts';

const started: ProcessRunner[] = [];

async function start(): Promise<ProcessRunner> {
  const { runner } = await ProcessRunner.start({ intraOpNumThreads: 1 });
  started.push(runner);
  return runner;
}

afterEach(async () => {
  for (const runner of started.splice(0)) await runner.close().catch(() => undefined);
});

const vector = (...values: readonly number[]): PlainTensor => ({
  type: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
});

/** More than a pipe takes at once. */
const many = 2 ** 21;
const ones: PlainTensor = { type: 'float32', dims: [many], data: new Float32Array(many).fill(1) };

const isOnes = (tensor: PlainTensor | undefined): boolean =>
  tensor?.data.length === many && tensor.data.every((value) => value === 1);

const valuesOf = (tensor: PlainTensor | undefined): readonly number[] => [...(tensor?.data ?? [])];

/** Adds to what is kept, three times, and reads it in all ways that there are. */
async function counted(runner: Runner): Promise<unknown> {
  const graph = await runner.open(await counterGraph());
  await runner.keep({ total: vector(1, 2) });
  const before: unknown[] = [];
  for (const step of [1, 2, 3]) {
    const { old, ...others } = await runner.step(graph, { step: vector(step, step) });
    before.push([valuesOf(old), Object.keys(others)]);
  }
  const { total } = await runner.kept(['total']);
  const parts = [
    { name: 'total', of: 'total', at: 1, dims: [1] },
    { name: 'unknown', of: 'total', at: 0, dims: [1] },
  ];
  const named = await runner.evaluate(graph, { step: vector(100) }, parts, ['old']);
  const all = await runner.evaluate(graph, { step: vector(100) }, parts);
  const { total: untouched } = await runner.kept(['total']);
  return {
    before,
    total: valuesOf(total),
    named: Object.entries(named).map(([name, tensor]) => [name, tensor.dims, valuesOf(tensor)]),
    all: Object.keys(all).sort(),
    untouched: valuesOf(untouched),
  };
}

describe('a runner', () => {
  const expected = {
    before: [
      [[1, 2], []],
      [[2, 3], []],
      [[4, 5], []],
    ],
    total: [7, 8],
    named: [['old', [1], [8]]],
    all: ['next.value/total', 'old'],
    untouched: [7, 8],
  };

  test('keeps what a graph gives for it, in this process', async () => {
    expect(await counted(new GraphRunner(ort))).toEqual(expected);
  });

  test('and in one of its own', async () => {
    expect(await counted(await start())).toEqual(expected);
  });
});

describe('a process that computes', () => {
  test('answers a mistake with its message, and goes on', async () => {
    const runner = await start();
    await expect(runner.open(Uint8Array.of(1, 2, 3))).rejects.toThrow(/protobuf|load model/i);
    await expect(runner.step(0, {})).rejects.toThrow('no graph 0 is open');
    await expect(
      runner.keep({ total: { ...vector(1), data: new Float64Array(1) as never } }),
    ).rejects.toThrow(TypeError);
    await runner.keep({ total: vector(1) });
    expect(valuesOf((await runner.kept(['total']))['total'])).toEqual([1]);
  });

  test.runIf(process.platform === 'linux')(
    'is named, with a remedy, where the system kills it, and is asked no more',
    async () => {
      const runner = await start();
      const graph = await runner.open(await counterGraph());
      process.kill(await childOf(process.pid), 'SIGKILL');
      const end = await runner.step(graph, {}).catch((error: unknown) => error);
      expect(end).toBeInstanceOf(UserError);
      expect(end).toMatchObject({ code: 'R4009', remedy: expect.stringContaining('--batch') as string });
      await expect(runner.kept([])).rejects.toBe(end);
      await runner.close();
    },
  );

  test('finishes what it was asked for when it is closed, and is asked no more', async () => {
    const runner = await start();
    await runner.keep({ total: vector(1) });
    const kept = runner.kept(['total']);
    const closed = runner.close();
    await expect(runner.kept(['total'])).rejects.toThrow('the runner is closed');
    expect(valuesOf((await kept)['total'])).toEqual([1]);
    await closed;
    await runner.close();
  });

  test('has answered all of it by then, though much is kept and a step is under way', async () => {
    const runner = await start();
    const graph = await runner.open(await counterGraph(many, { writesLast: true }));
    await runner.keep({ total: ones });
    const kept = runner.kept(['total']);
    const stepped = runner.step(graph, { step: ones });
    const closed = runner.close();
    // What is kept is sent from where the step then writes.
    expect(isOnes((await kept)['total'])).toBe(true);
    expect(isOnes((await stepped)['old'])).toBe(true);
    await closed;
  });

  test('answers past what a library prints', async () => {
    vi.stubEnv('NODE_OPTIONS', `--require=${fileURLToPath(new URL('./talkative.cjs', import.meta.url))}`);
    try {
      const runner = await start();
      expect(await runner.kept([])).toEqual({});
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.runIf(process.platform === 'linux')(
    'is no part of what a terminal sends signals to, and ends in the midst of a step when the other one is killed',
    async () => {
      const parent = spawn(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(new URL('./busy-runner.ts', import.meta.url))],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
      expect(line).toBe('a step is under way');
      const { pid } = parent;
      if (pid === undefined) throw new Error('the process has not been started');
      const child = await childOf(pid);
      expect(await groupOf(child)).not.toBe(await groupOf(pid));
      await setTimeout(200);
      expect(await isRunning(child)).toBe(true);
      parent.kill('SIGKILL');
      while (await isRunning(child)) await setTimeout(10);
    },
  );
});

/** The process that computes for another one. */
async function childOf(pid: number): Promise<number> {
  const threads = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of threads.split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8');
    if (command.includes('runner-process')) return Number(child);
  }
  throw new Error(`${pid} has no process that computes`);
}

async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) [ZX] /.test(status);
}

async function groupOf(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8');
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[2];
}
