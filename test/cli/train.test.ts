import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../cli/compile-model.ts';
import { loadProgram } from '../../cli/train/load-program.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import { readChestXray14 } from '../../src/runtime/chestxray14.ts';
import { writePhantom } from '../../src/runtime/phantom/write-phantom.ts';
import { readSafetensors, writeSafetensors } from '../../src/runtime/safetensors.ts';
import { readCheckpoint } from '../../src/runtime/training/checkpoint.ts';
import { evaluateSamples } from '../../src/runtime/training/evaluate-samples.ts';
import { startTfjsEngine } from '../../src/runtime/training/tfjs-engine.ts';
import { tableOf } from '../../src/runtime/training/auc-measure.ts';
import { restore } from '../../src/runtime/training/train.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli, spawnCli, startCli } from './run-cli.ts';

const root = await temporaryFolder();
const data = join(root, 'phantom');
const source = join(root, 'tiny.net');

const tinyLabels = ['Effusion', 'Cardiomegaly', 'Mass'];

/** One convolution with a batch norm, so that there is state beside weights; learns in milliseconds. */
const tiny = `language 1

labels Findings = ${JSON.stringify(tinyLabels)}

model Tiny(classes: labels = Findings) {
  input image: [N, C: 1, H: 16, W: 16] from pixels(mean: [0.5], std: [0.25])
  features = image |> conv(C -> C: 4, over: [H: 3, W: 3]) |> batch_norm(C) |> relu
  logits = features |> mean(over: [H, W]) |> linear(C -> K: classes)
  output logits
  output probability = sigmoid(logits) labels classes
}

loss CrossEntropy()(logits: [N, K], target: [N, K], weight: [N, K]) -> [] {
  return mean(weight * (softplus(logits) - target * logits), over: [N, K])
}

train Tiny {
  target findings: [N, K: classes]
  weight known: [N, K: classes]
  loss = CrossEntropy()(logits, findings, known)
  optimizer adamw(lr: 0.01)
  schedule cosine(warmup: 3)
  augment view(flip: true, shift: 0.1, zoom: 0.1)
  batch 8
  epochs 3
}
`;

beforeAll(async () => {
  await writeFile(source, tiny);
  await writePhantom(data, { count: 60, seed: 3, size: 32 });
});

const trainLine = (out: string, ...more: readonly string[]): string[] =>
  ['train', source, '--data', data, '--out', join(root, out), '--no-verify', ...more]; // prettier-ignore

/** Digests of what a run leaves, by name. */
async function digests(out: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(join(root, out))).sort();
  const entries = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(root, out, name));
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    }),
  );
  return Object.fromEntries(entries);
}

describe('netc train', () => {
  it('trains, tests the ONNX file, and leaves a whole folder', async () => {
    const result = await runCli(...trainLine('whole', '--verify'));
    expect(result).toMatchObject({ code: 0 });
    expect(result.err).toContain('The targets agree.');
    expect(result.err).toMatch(/epoch 3\/3 {2}step \d+ {2}loss/);
    expect(result.out).toContain('SYNTHETIC');
    expect(result.out).toMatch(/Effusion +(0\.\d+|-)/);
    expect(Object.keys(await digests('whole'))).toEqual([
      'best.safetensors',
      'epochs.csv',
      'last.safetensors',
      'run.json',
      'steps.csv',
      'test.json',
      'tiny.onnx',
      'tiny.weights.safetensors',
    ]);
    const { agreement } = JSON.parse(await readFile(join(root, 'whole', 'test.json'), 'utf8')) as {
      readonly agreement: { readonly difference: number; readonly auc: number };
    };
    expect(agreement.difference).toBeLessThan(1e-4);
    expect(agreement.auc).toBeLessThan(1e-4);
  });

  it.each(['ort', 'tfjs'])(
    'leaves the same bytes after ten kills at random moments, engine %s',
    async (engine) => {
      const line = (out: string, ...more: readonly string[]) =>
        trainLine(`${out}-${engine}`, '--engine', engine, ...more);
      const began = performance.now();
      expect(await spawnCli(line('unharmed'))).toMatchObject({ code: 0 });
      const lifetime = performance.now() - began;
      const wanted = await digests(`unharmed-${engine}`);
      // From before the first file is written to the last ones, however busy the machine is.
      const moments = uniforms(10, 11, 'moments of kills');
      let kills = 0;
      for (const moment of moments) {
        const child = startCli(line('killed', '--resume', '--checkpoint-every', '0.1'), {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let err = '';
        child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
        // The process that computes has the same pipe: it is closed when nobody is left.
        const ended = once(child, 'close');
        const timer = setTimeout(() => child.kill('SIGKILL'), (0.1 + moment) * lifetime);
        const [code] = (await ended) as [number | null];
        clearTimeout(timer);
        if (code === null) kills++;
        else expect(code, err).toBe(0);
      }
      expect(kills).toBeGreaterThan(0);
      expect(await spawnCli(line('killed', '--resume'))).toMatchObject({ code: 0 });
      expect(await digests(`killed-${engine}`)).toEqual(wanted);
    },
    300_000,
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s finishes the step, writes a checkpoint, and is resumed',
    async (signal) => {
      const wanted = await digests('whole');
      const out = `stopped-${signal}`;
      const child = startCli(trainLine(out), { stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      child.stderr?.on('data', (text: Buffer) => {
        const wasTold = err.includes('Training Tiny');
        err += text.toString();
        if (!wasTold && err.includes('Training Tiny')) child.kill(signal);
      });
      const [code, by] = (await once(child, 'close')) as [number | null, string | null];
      expect({ code, by }).toEqual({ code: null, by: signal });
      expect(err).toContain(`netc train ${source} --data ${data} --out ${join(root, out)} --resume`);
      expect(await readdir(join(root, out))).toContain('last.safetensors');
      expect(await spawnCli(trainLine(out, '--resume'))).toMatchObject({ code: 0 });
      expect(await digests(out)).toEqual(wanted);
    },
  );

  it('does not end when nobody reads its messages any more', async () => {
    const child = startCli(trainLine('unheard'), { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.once('data', () => child.stderr?.destroy());
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(await digests('unheard')).toEqual(await digests('whole'));
  });

  it('does not train into a folder that has a run, or that another process trains into', async () => {
    const again = await runCli(...trainLine('whole'));
    expect(again.code).toBe(5);
    expect(again.err).toContain('error[R4006]');
    expect(again.err).toContain('--resume');
    await mkdir(join(root, 'busy'));
    const owner = { host: 'elsewhere', pid: 1, started: '' };
    await writeFile(join(root, 'busy', 'lock'), JSON.stringify(owner));
    expect((await runCli(...trainLine('busy'))).err).toContain('error[R4003]');
  });

  it('refuses a resumed run whose seed, data or architecture is another', async () => {
    const before = await digests('whole');
    const seed = await runCli(...trainLine('whole', '--resume', '--seed', '9'));
    expect(seed).toMatchObject({ code: 2 });
    expect(seed.err).toContain("is not the run's");

    const other = join(root, 'other');
    await writePhantom(other, { count: 40, seed: 4, size: 32 });
    const line = ['train', source, '--data', other, '--out', join(root, 'whole'), '--no-verify', '--resume'];
    expect((await runCli(...line)).err).toContain('error[R4006]');

    const wide = join(root, 'wide.net');
    await writeFile(wide, tiny.replace('C: 4', 'C: 5'));
    const misfit = await runCli(
      'train',
      wide,
      '--data',
      data,
      '--out',
      join(root, 'whole'),
      '--no-verify',
      '--resume',
    );
    expect(misfit.code).toBe(5);
    expect(misfit.err).toContain('error[R4004]');
    expect(misfit.err).toContain('features/conv/weight');
    expect(await digests('whole')).toEqual(before);
  });

  it('refuses a run that has lost its run.json, resumes it as its checkpoint says, and names what else is missing', async () => {
    await cp(join(root, 'whole'), join(root, 'lost'), { recursive: true });
    await rm(join(root, 'lost', 'run.json'));
    expect((await runCli(...trainLine('lost'))).err).toContain('error[R4006]');
    expect((await runCli(...trainLine('lost', '--resume', '--seed', '9'))).err).toContain("is not the run's");
    expect(await runCli(...trainLine('lost', '--resume'))).toMatchObject({ code: 0 });
    expect(await digests('lost')).toEqual(await digests('whole'));
    await rm(join(root, 'lost', 'best.safetensors'));
    const result = await runCli(...trainLine('lost', '--resume'));
    expect(result.code).toBe(5);
    expect(result.err).toMatch(/error\[R4001\].*\n.*best\.safetensors/);
  });

  it('removes what a process that was killed left half-written, and says that there is nothing to resume', async () => {
    await mkdir(join(root, 'littered'));
    await writeFile(join(root, 'littered', 'last.safetensors.0123456789ab.tmp'), 'half');
    const result = await runCli(...trainLine('littered', '--resume'));
    expect(result.err).toContain('There is no checkpoint to resume from');
    expect(await digests('littered')).toEqual(await digests('whole'));
  });

  it('prints what is wrong with a run as JSON, too', async () => {
    const { out, code } = await runCli(...trainLine('whole', '--json'));
    expect(code).toBe(5);
    expect(JSON.parse(out)).toMatchObject({ command: 'train', ok: false, error: { code: 'R4006' } });
    const nested = await runCli('data', 'inspect', join(root, 'nowhere'), '--json');
    expect(JSON.parse(nested.out)).toMatchObject({ command: 'data inspect', error: { code: 'R2001' } });
  });

  it('says what a model must have to be trained', async () => {
    const untrainable = join(root, 'untrainable.net');
    await writeFile(untrainable, tiny.slice(0, tiny.indexOf('loss CrossEntropy')));
    const result = await runCli('train', untrainable, '--data', data, '--out', join(root, 'none'));
    expect(result.code).toBe(5);
    expect(result.err).toContain('error[R4007]');
  });

  it('prints one JSON object with --json', async () => {
    const { out, code } = await runCli(...trainLine('json', '--json', '--steps', '2'));
    expect(code).toBe(0);
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({ command: 'train', ok: true, synthetic: true, step: 2, steps: 2 });
  });
});

/** What the program itself, with the weights of the best epoch, says of the test list. */
async function engineScores() {
  const model = await compileModel(source, { set: {} }, () => undefined);
  if (model === undefined) throw new Error('the model does not compile');
  const program = await loadProgram(model, '');
  const engine = await startTfjsEngine(program, { seed: 1, steps: 1, scores: 'logits' });
  try {
    const best = join(root, 'whole', 'best.safetensors');
    restore(engine, (await readCheckpoint(best))?.state ?? new Uint8Array(), best);
    const { test } = await readChestXray14(data, tinyLabels);
    const { scores } = await evaluateSamples(engine, test, { size: 7, pixels: program.pixels });
    return { samples: test, scores };
  } finally {
    engine.close();
  }
}

/** What `netc eval --scores` writes of the ONNX file. */
async function fileScores() {
  const path = join(root, 'file-scores.csv');
  const onnx = join(root, 'whole', 'tiny.onnx');
  expect(await runCli('eval', onnx, '--data', data, '--scores', path, '--batch', '5')).toMatchObject({
    code: 0,
  });
  const rows = (await readFile(path, 'utf8')).trim().split('\n').slice(1).map((row) => row.split(',')); // prettier-ignore
  return {
    names: rows.map(([name]) => name),
    scores: Float32Array.from(rows.flatMap((row) => row.slice(1).map(Number))),
  };
}

describe('netc eval', () => {
  it('gives the AUC that training gave, and the scores of each image', async () => {
    const onnx = join(root, 'whole', 'tiny.onnx');
    const scores = join(root, 'scores.csv');
    const result = await runCli('eval', onnx, '--data', data, '--json', '--scores', scores, '--batch', '5');
    expect(result.code).toBe(0);
    const { rows } = JSON.parse(result.out) as { readonly rows: readonly unknown[] };
    const tested = JSON.parse(await readFile(join(root, 'whole', 'test.json'), 'utf8')) as {
      readonly rows: unknown;
    };
    expect(rows).toEqual(tested.rows);
    const text = await readFile(scores, 'utf8');
    expect(text.split('\n')[0]).toBe('image,Effusion,Cardiomegaly,Mass');
  });

  it('ranks by the ONNX file as the engine that trained does, image by image', async () => {
    const ours = await engineScores();
    const theirs = await fileScores();
    const labels = tinyLabels.length;
    expect(theirs.names).toEqual(ours.samples.map(({ name }) => name));
    const scale = Math.max(...ours.scores.map(Math.abs));
    const difference = Math.max(
      ...ours.scores.map((score, i) => Math.abs(score - (theirs.scores[i] ?? NaN))),
    );
    expect(difference / scale).toBeLessThanOrEqual(1e-4);

    let compared = 0;
    for (let k = 0; k < labels; k++) {
      for (let i = k; i < ours.scores.length; i += labels) {
        for (let j = k; j < i; j += labels) {
          const before = (ours.scores[i] ?? NaN) - (ours.scores[j] ?? NaN);
          if (!(Math.abs(before) > 2 * difference)) continue;
          compared++;
          expect(Math.sign((theirs.scores[i] ?? NaN) - (theirs.scores[j] ?? NaN))).toBe(Math.sign(before));
        }
      }
    }
    // Of the pairs hardly any is that near.
    expect(compared).toBeGreaterThan(0.9 * labels * ours.samples.length * ((ours.samples.length - 1) / 2));

    const auc = ({ scores }: { readonly scores: Float32Array }): number =>
      tableOf(tinyLabels, ours.samples, scores).mean.auc ?? NaN;
    expect(Math.abs(auc(ours) - auc(theirs))).toBeLessThanOrEqual(1e-4);
  });

  it('refuses to rank by what is no number', async () => {
    const weights = join(root, 'broken.safetensors');
    const { tensors, metadata } = await readSafetensors(join(root, 'whole', 'tiny.weights.safetensors'));
    for (const { data: values } of tensors.values()) if (values instanceof Float32Array) values.fill(NaN);
    await writeSafetensors(weights, tensors, metadata);
    const result = await runCli('eval', source, '--weights', weights, '--data', data);
    expect(result.code).toBe(5);
    expect(result.err).toContain('error[R3004]');
  });

  it('takes a source with weights', async () => {
    const weights = join(root, 'whole', 'tiny.weights.safetensors');
    const result = await runCli('eval', source, '--weights', weights, '--data', data, '--split', 'train');
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toContain('train list, ranked by `logits`');
  });
});
