import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { GraphRunner } from '../../../src/runtime/training/graph-runner.mjs';
import type { PlainTensor } from '../../../src/runtime/training/runner.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { counterGraph } from './counter-graph.ts';

const vector = (...values: readonly number[]): PlainTensor => ({
  type: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
});

type Session = ort.InferenceSession;

/** ONNX Runtime, but for what `run` does. */
function withRun(
  run: (session: Session, ...args: Parameters<Session['run']>) => ReturnType<Session['run']>,
): {
  readonly InferenceSession: typeof ort.InferenceSession;
  readonly Tensor: typeof ort.Tensor;
} {
  const create = async (file: Uint8Array, options: ort.InferenceSession.SessionOptions): Promise<Session> => {
    const session = await ort.InferenceSession.create(file, options);
    return new Proxy(session, {
      get: (target, key) =>
        key === 'run'
          ? (...args: Parameters<Session['run']>) => run(target, ...args)
          : (Reflect.get(target, key, target) as unknown),
    });
  };
  return { InferenceSession: { create } as typeof ort.InferenceSession, Tensor: ort.Tensor };
}

describe('what a runner keeps', () => {
  test('is written into two arrays in turns', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) });
    const arrays = new Set<unknown>();
    const running = withRun((session, feeds, ...rest) => {
      arrays.add(feeds['total']?.data);
      return session.run(feeds, ...rest);
    });
    const watched = new GraphRunner(running);
    const again = await watched.open(await counterGraph(2));
    await watched.keep({ total: vector(0, 0) });
    for (let i = 0; i < 7; i++) {
      await runner.step(graph, { step: vector(1, 2) });
      await watched.step(again, { step: vector(1, 2) });
    }
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([7, 14]);
    // That of whoever called, and two of the runner.
    expect(arrays.size).toBe(3);
  });

  test.each([
    ['in turns', false],
    ['over what is kept', true],
  ])('stays what it was for whoever has asked for it or given it, written %s', async (_, writesLast) => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2, { writesLast }));
    const given = vector(0, 0);
    await runner.keep({ total: given });
    const seen: (PlainTensor | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      seen.push((await runner.kept(['total']))['total']);
      await runner.step(graph, { step: vector(1, 2) });
      await runner.step(graph, { step: vector(1, 2) });
    }
    expect([...given.data]).toEqual([0, 0]);
    expect(seen.map((tensor) => [...(tensor?.data ?? [])])).toEqual([0, 2, 4, 6].map((n) => [n, 2 * n]));
  });

  test('is written to from the first step on if it was given away', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2));
    const given = vector(0, 0);
    await runner.keep({ total: given }, { givenAway: true });
    await runner.step(graph, { step: vector(1, 2) });
    await runner.step(graph, { step: vector(1, 2) });
    expect([...given.data]).toEqual([2, 4]);
  });

  test('may begin as zeros that nobody has made', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: { type: 'float32', dims: [2] } });
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([3, 6]);
  });

  test('is what it was where a step fails', async () => {
    let fail = false;
    const failing = withRun(async (session, feeds, fetches, ...rest) => {
      // As an operator does that runs out of memory after others have written what they were to.
      if (fail) {
        const old = (fetches as ort.InferenceSession.FetchesType & Record<string, ort.Tensor>)['old'];
        (old?.data as Float32Array | undefined)?.fill(5);
        throw new Error('no memory');
      }
      return session.run(feeds, fetches, ...rest);
    });
    const runner = new GraphRunner(failing);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) });
    await runner.step(graph, { step: vector(1, 2) });
    fail = true;
    await expect(runner.step(graph, { step: vector(1, 2) })).rejects.toThrow('no memory');
    fail = false;
    await runner.step(graph, { step: vector(1, 2) });
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([2, 4]);
  });

  test('does not change with a step that failed after it had written everything', async () => {
    let fail = false;
    const failing = withRun(async (session, feeds, fetches, ...rest) => {
      const ran = session.run(feeds, fetches, ...rest);
      if (!fail) return ran;
      await ran.catch(() => undefined);
      throw new Error('an operator behind the others');
    });
    const runner = new GraphRunner(failing);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) });
    await runner.step(graph, { step: vector(1, 2) });
    fail = true;
    await expect(runner.step(graph, { step: vector(1, 2) })).rejects.toThrow('an operator behind the others');
    fail = false;
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([1, 2]);
  });

  test('is written into arrays after a batch of the wrong shape as before', async () => {
    const written: boolean[] = [];
    const running = withRun((session, feeds, fetches, ...rest) => {
      written.push(!Array.isArray(fetches));
      return session.run(feeds, fetches, ...rest);
    });
    const runner = new GraphRunner(running);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) });
    await expect(runner.step(graph, { step: vector(1, 2, 3) })).rejects.toThrow(/invalid dimensions/i);
    written.length = 0;
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    expect(written).toEqual([true, true, true]);
  });

  test('shares no array with what a step has returned, nor with another step under way', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(1, 2) });
    const { old } = await runner.step(graph, { step: vector(1, 2) });
    if (old === undefined) throw new Error('the graph has an output `old`');
    await runner.keep({ total: old });
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    expect([...old.data]).toEqual([1, 2]);
    await Promise.all([1, 2].map(() => runner.step(graph, { step: vector(1, 2) })));
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    const { total } = await runner.kept(['total']);
    // Of two at once, the one is lost or not; neither leaves what is no number.
    expect([8, 9]).toContain(total?.data[0]);
  });

  test('is taken from the results where a binding writes into no arrays', async () => {
    let refused = 0;
    const older = withRun((session, feeds, fetches, ...rest) => {
      if (!Array.isArray(fetches)) {
        refused += 1;
        return Promise.reject(new Error('no arrays'));
      }
      return session.run(feeds, fetches, ...rest);
    });
    const runner = new GraphRunner(older);
    const graph = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) });
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([3, 6]);
    expect(refused).toBe(1);
  });

  test('may be no number, of any bits that a computation may set', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(1));
    await runner.keep({ total: vector(0) });
    // As ONNX Runtime has the logarithm of a negative number.
    const allSet = new Float32Array(Uint32Array.of(0xff_ff_ff_ff).buffer);
    await runner.step(graph, { step: { ...vector(1), data: allSet } });
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([NaN]);
  });

  test('may come of a graph in a file, or of one whose lengths the run alone knows', async () => {
    const folder = await temporaryFolder();
    for (const length of [2, undefined]) {
      const file = join(folder, 'counter.onnx');
      await writeFile(file, await counterGraph(length));
      const runner = new GraphRunner(ort);
      const graph = await runner.open(file);
      await runner.keep({ total: vector(0, 0) });
      for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
      expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([3, 6]);
      const whole = [{ name: 'total', of: 'total', at: 0, dims: [2] }];
      const outputs = await runner.evaluate(graph, { step: vector(1, 2) }, whole);
      expect(Object.keys(outputs).sort()).toEqual(['next.value/total', 'old']);
    }
  });
});

describe('what a graph writes last', () => {
  const writesLast = { writesLast: true };

  test('is written over what is kept, where that is the own of the runner', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2, writesLast));
    const given = vector(0, 0);
    await runner.keep({ total: given }, { givenAway: true });
    for (let i = 1; i <= 3; i++) {
      const { old } = await runner.step(graph, { step: vector(1, 2) });
      // Read before it was written over.
      expect([...(old?.data ?? [])]).toEqual([i - 1, 2 * i - 2]);
      expect([...given.data]).toEqual([i, 2 * i]);
    }
  });

  test('is written over what was asked for, where that is not lent', async () => {
    const runner = new GraphRunner(ort);
    const graph = await runner.open(await counterGraph(2, writesLast));
    const given = vector(0, 0);
    await runner.keep({ total: given }, { givenAway: true });
    const { total } = await runner.kept(['total'], { lent: false });
    await runner.step(graph, { step: vector(1, 2) });
    expect(total?.data).toBe(given.data);
    expect([...given.data]).toEqual([1, 2]);
  });

  test('is not written where a step fails, and may be of another graph the next time', async () => {
    let fail = false;
    const failing = withRun((session, ...args) =>
      fail ? Promise.reject(new Error('no memory')) : session.run(...args),
    );
    const runner = new GraphRunner(failing);
    const over = await runner.open(await counterGraph(2, writesLast));
    const next = await runner.open(await counterGraph(2));
    await runner.keep({ total: vector(0, 0) }, { givenAway: true });
    for (let i = 0; i < 2; i++) {
      await runner.step(over, { step: vector(1, 2) });
      fail = true;
      await expect(runner.step(over, { step: vector(1, 2) })).rejects.toThrow('no memory');
      fail = false;
      await runner.step(next, { step: vector(1, 2) });
    }
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([4, 8]);
  });

  test('is never computed from what a step has written that failed in the end', async () => {
    let runs = 0;
    const failing = withRun(async (session, ...args) => {
      runs += 1;
      await session.run(...args).catch(() => undefined);
      if (runs === 1) throw new Error('an operator behind the others');
      return {};
    });
    const runner = new GraphRunner(failing);
    const graph = await runner.open(await counterGraph(2, writesLast));
    await runner.keep({ total: vector(0, 0) }, { givenAway: true });
    await expect(runner.step(graph, { step: vector(1, 2) })).rejects.toThrow('an operator behind the others');
    expect(runs).toBe(1);
  });

  test('is never computed from what was written over, though the array of another was lent', async () => {
    const other = { paths: ['total', 'sum'], writesLast: true };
    let runs = 0;
    const failing = withRun((session, feeds, fetches, ...rest) => {
      runs += 1;
      if (runs > 1) return session.run(feeds, fetches, ...rest);
      // As if the run ended between one that is written over what is kept and one that is not.
      const { old, 'next.over/total': total } = fetches as Record<string, ort.Tensor>;
      (old?.data as Float32Array).fill(0);
      (total?.data as Float32Array).fill(5);
      return Promise.reject(new Error('between the two'));
    });
    const runner = new GraphRunner(failing);
    const graph = await runner.open(await counterGraph(2, other));
    await runner.keep({ total: vector(0, 0), sum: vector(0, 0) }, { givenAway: true });
    await runner.kept(['sum']);
    await expect(runner.step(graph, { step: vector(1, 2) })).rejects.toThrow('between the two');
    expect(runs).toBe(1);
  });

  test('is taken from the results where a binding writes into no arrays', async () => {
    const older = withRun((session, feeds, fetches, ...rest) =>
      Array.isArray(fetches) ? session.run(feeds, fetches, ...rest) : Promise.reject(new Error('no arrays')),
    );
    const runner = new GraphRunner(older);
    const graph = await runner.open(await counterGraph(2, writesLast));
    await runner.keep({ total: vector(0, 0) }, { givenAway: true });
    for (let i = 0; i < 3; i++) await runner.step(graph, { step: vector(1, 2) });
    expect([...((await runner.kept(['total']))['total']?.data ?? [])]).toEqual([3, 6]);
  });
});
