import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { uniforms } from '../../../src/compiler/random/generator.mjs';
import { ImageCache } from '../../../src/runtime/image-cache.ts';
import type { PixelSpec } from '../../../src/runtime/prepare.ts';
import type { Sample } from '../../../src/runtime/sample.ts';
import { aucMeasure } from '../../../src/runtime/training/auc-measure.ts';
import { readCheckpoint } from '../../../src/runtime/training/checkpoint.ts';
import type { Reporter, TrainOptions } from '../../../src/runtime/training/train.ts';
import { restore, runFiles, train } from '../../../src/runtime/training/train.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';
import { ToyEngine, toyIdentity } from './toy-engine.ts';

const root = await temporaryFolder();
const labels = ['bright', 'left'];
const pixels: PixelSpec = { channels: 1, height: 4, width: 4, mean: [0.5], std: [0.25], layout: 'chw' };
const samples: Sample[] = [];

beforeAll(async () => {
  for (let i = 0; i < 30; i++) {
    const path = join(root, `${i}.png`);
    const values = uniforms(64, 3, `image ${i}`);
    const isBright = i % 3 === 0;
    const bytes = Buffer.from(values.map((value) => 100 * value + (isBright ? 100 : 20)));
    await writeFile(
      path,
      await sharp(bytes, { raw: { width: 8, height: 8, channels: 1 } })
        .png()
        .toBuffer(),
    );
    const known = Float32Array.of(1, 1);
    samples.push({
      name: `${i}.png`,
      path,
      patient: `p${i}`,
      labels: Float32Array.of(isBright ? 1 : 0, i % 2),
      known,
    });
  }
});

const silent: Reporter = {
  begun: () => undefined,
  resumed: () => undefined,
  step: () => undefined,
  validating: () => undefined,
  epoch: () => undefined,
};

function optionsFor(name: string, changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    folder: join(root, name),
    engine: new ToyEngine(labels.length, 16),
    configuration: {
      model: 'Toy',
      source: '',
      data: '',
      seed: 4,
      batch: 5,
      epochs: 3,
      maxSteps: undefined,
      validation: 0.2,
      augmentation: { flip: true, shift: 0.1, scale: [0.9, 1.1] },
      engine: 'ort',
    },
    train: samples.slice(0, 23),
    validation: samples.slice(23),
    measure: aucMeasure(labels),
    pixels,
    netc: '0',
    resume: false,
    checkpointEvery: 0,
    cache: new ImageCache(1e6),
    signal: new AbortController().signal,
    report: silent,
    ...changes,
  };
}

async function run(name: string, changes: Partial<TrainOptions> = {}) {
  const options = optionsFor(name, changes);
  await mkdir(options.folder, { recursive: true });
  return train(options);
}

/** Digests of all files of a run by name. */
async function filesOf(name: string): Promise<Readonly<Record<string, string>>> {
  const files = [runFiles.last, runFiles.best, runFiles.steps, runFiles.epochs];
  const entries = await Promise.all(
    files.map(
      async (file) =>
        [
          file,
          createHash('sha256')
            .update(await readFile(join(root, name, file)))
            .digest('hex'),
        ] as const,
    ),
  );
  return Object.fromEntries(entries);
}

class Crash extends Error {}

/** Throws at the n-th event, whatever it is, as a crash would: nothing that follows is done. */
function crashAt(n: number): Reporter {
  let events = 0;
  const count = (): void => {
    if (++events === n) throw new Crash();
  };
  return { begun: count, resumed: count, step: count, validating: count, epoch: count };
}

describe('training', () => {
  it('takes all steps, logs each, and keeps the best epoch', async () => {
    const { outcome, progress } = await run('whole');
    expect(outcome).toBe('finished');
    // 23 images in batches of 5 are 5 batches, the last one of 3.
    expect(progress).toMatchObject({ step: 15, epoch: 3, batch: 0 });
    const text = await readFile(join(root, 'whole', runFiles.steps), 'utf8');
    expect(text.split('\n').length).toBe(17);
    const epochs = (await readFile(join(root, 'whole', runFiles.epochs), 'utf8')).trim().split('\n');
    expect(epochs[0]).toBe('epoch,step,train_loss,validation_loss,validation_auc,bright,left');
    const aucs = epochs.slice(1).map((row) => Number(row.split(',')[4]));
    expect(progress.best).toMatchObject({ measure: 'auc', value: Math.max(...aucs) });
  });

  it('ends in the same bytes wherever it crashed and was resumed', async () => {
    const wanted = await filesOf('whole');
    for (let n = 1; n <= 30; n++) {
      const name = `crashed-${n}`;
      const crashed = await run(name, { report: crashAt(n) }).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          return true;
        },
      );
      if (crashed) await run(name, { resume: true, checkpointEvery: n % 2 === 0 ? 0 : 1e9 });
      expect(await filesOf(name)).toEqual(wanted);
      if (!crashed) break;
      expect(n).toBeLessThan(30);
    }
  });

  it('ends in the same bytes when it is crashed again and again, between rare checkpoints', async () => {
    const wanted = await filesOf('whole');
    const name = 'unlucky';
    for (let n = 3; ; n++) {
      const result = await run(name, { resume: true, report: crashAt(n), checkpointEvery: 1e9 }).catch(
        () => undefined,
      );
      if (result !== undefined) break;
      expect(n).toBeLessThan(40);
    }
    expect(await filesOf(name)).toEqual(wanted);
  });

  it('stops after the step under way when it is asked to, and goes on bit for bit', async () => {
    const wanted = await filesOf('whole');
    for (const at of [1, 5, 7, 15]) {
      const controller = new AbortController();
      const stopAt = ({ step }: { readonly step: number }): void => {
        if (step === at) controller.abort();
      };
      const report = { ...silent, step: stopAt };
      const stopped = await run(`stopped-${at}`, { report, signal: controller.signal });
      expect(stopped).toMatchObject({ outcome: 'interrupted', progress: { step: at } });
      expect(await run(`stopped-${at}`, { resume: true })).toMatchObject({ outcome: 'finished' });
      expect(await filesOf(`stopped-${at}`)).toEqual(wanted);
    }
  });

  it('does nothing more when a finished run is resumed', async () => {
    await cp(join(root, 'whole'), join(root, 'again'), { recursive: true });
    const before = await stat(join(root, 'again', runFiles.last));
    expect(await run('again', { resume: true })).toMatchObject({
      outcome: 'finished',
      progress: { step: 15 },
    });
    expect((await stat(join(root, 'again', runFiles.last))).mtimeMs).toBe(before.mtimeMs);
  });

  it('says in what a resumed run is not the one that was begun', async () => {
    await cp(join(root, 'whole'), join(root, 'other'), { recursive: true });
    const engine = new ToyEngine(labels.length, 16, { ...toyIdentity, threads: 4 });
    let heard: readonly string[] = [];
    const report = { ...silent, resumed: (_: unknown, changes: readonly string[]) => void (heard = changes) };
    const configuration = { ...optionsFor('other').configuration, source: 'edited' };
    await run('other', { resume: true, engine, report, netc: '1', configuration });
    const source = 'the source or its hyper-parameters (--set)';
    expect(heard).toEqual([source, 'threads 1 -> 4', 'netc 0 -> 1']);
  });

  it('says which logs were tampered with, and goes on with what is left of them', async () => {
    const name = 'tampered';
    const stopper = new AbortController();
    const stop = { ...silent, epoch: () => stopper.abort() };
    await run(name, { report: stop, signal: stopper.signal });
    await rm(join(root, name, runFiles.epochs));
    const steps = join(root, name, runFiles.steps);
    await writeFile(steps, (await readFile(steps)).subarray(0, -5));
    let heard: readonly string[] = [];
    const resumed = (_: unknown, changes: readonly string[], lost: readonly string[]): void => {
      heard = [...changes, ...lost];
    };
    await run(name, { resume: true, report: { ...silent, resumed } });
    expect(heard).toEqual([runFiles.steps, runFiles.epochs]);
    const wanted = (await readFile(join(root, 'whole', runFiles.steps), 'utf8')).split('\n');
    // The row of the fifth step was cut off; its weights were not.
    wanted.splice(5, 1);
    expect(await readFile(steps, 'utf8')).toBe(wanted.join('\n'));
    expect((await readFile(join(root, name, runFiles.epochs), 'utf8')).split('\n')).toHaveLength(4);
    expect((await filesOf(name))[runFiles.best]).toBeDefined();
  });

  it('says that there was nothing to resume', async () => {
    let begun = 0;
    const count = (): void => {
      begun++;
    };
    await run('nothing', { resume: true, report: { ...silent, begun: count } });
    await run('not-asked', { report: { ...silent, begun: count } });
    expect(begun).toBe(1);
    expect(await filesOf('nothing')).toEqual(await filesOf('whole'));
  });

  it('refuses a checkpoint of another architecture', async () => {
    const engine = new ToyEngine(labels.length, 9);
    const error = await userErrorOf('R4004', run('whole', { resume: true, engine }));
    expect(error.message).toContain('weights is of another length');
  });

  it('refuses checkpoints that are missing, damaged or of another run before a step is taken', async () => {
    const name = 'mixed';
    const last = join(root, name, runFiles.last);
    const best = join(root, name, runFiles.best);
    const stopper = new AbortController();
    const stop = { ...silent, epoch: () => stopper.abort() };
    await run(name, { report: stop, signal: stopper.signal });
    const before = await filesOf(name);
    const [own, ownBest] = [await readFile(last), await readFile(best)];
    const { configuration } = optionsFor('foreign');
    await run('foreign', { configuration: { ...configuration, seed: 5, data: 'other images' } });

    await cp(join(root, 'foreign', runFiles.last), last);
    const foreign = await userErrorOf('R4006', run(name, { resume: true }));
    expect(foreign.message).toContain('by the data set and the seed');
    expect(foreign.place).toBe(last);
    await writeFile(last, own);

    await cp(join(root, 'foreign', runFiles.best), best);
    expect((await userErrorOf('R4006', run(name, { resume: true }))).place).toBe(best);
    await writeFile(best, ownBest.subarray(0, -1));
    const cut = await userErrorOf('R4001', run(name, { resume: true }));
    expect(cut).toMatchObject({ place: best, remedy: expect.stringContaining('last.safetensors') as string });
    await rm(best);
    expect((await userErrorOf('R4001', run(name, { resume: true }))).place).toBe(best);
    await writeFile(best, ownBest);

    expect(await filesOf(name)).toEqual(before);
    await run(name, { resume: true });
    expect(await filesOf(name)).toEqual(await filesOf('whole'));
  });

  it('ends where the folder is not its own any more, and writes nothing there', async () => {
    const isOurs = [true, false];
    const confirmFolder = (): Promise<void> =>
      isOurs.shift() === true ? Promise.resolve() : Promise.reject(new Crash());
    const crashed = run('not-ours', { confirmFolder, checkpointEvery: 0 });
    await expect(crashed).rejects.toBeInstanceOf(Crash);
    const last = await readCheckpoint(join(root, 'not-ours', runFiles.last));
    expect(last?.progress.step).toBe(1);
  });

  it('tells in one line what does not fit', () => {
    const engine = new ToyEngine(labels.length, 16);
    engine.importState = () => {
      throw new RangeError('it does not fit:\n  a is missing\n  b is [4, 2], not [3, 2]\n  and 3 more');
    };
    expect(() => restore(engine, new Uint8Array(), 'last')).toThrow(
      /^The checkpoint is of another architecture: it does not fit: a is missing; b is \[4, 2\], not \[3, 2\]; and 3 more\.$/,
    );
  });

  it('stops when the loss is no number, and keeps the checkpoint from before', async () => {
    class Diverging extends ToyEngine {
      override async trainOn(batch: Parameters<ToyEngine['trainOn']>[0]): Promise<number> {
        const loss = await super.trainOn(batch);
        return this.step === 4 ? NaN : loss;
      }
    }
    const engine = new Diverging(labels.length, 16);
    const error = await userErrorOf('R4005', run('diverged', { engine }));
    expect(error.message).toMatch(/^At step 4 the loss .*of step 3, is kept/);
    const rows = (await readFile(join(root, 'diverged', runFiles.steps), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(4);
  });
});
