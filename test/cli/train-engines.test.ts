import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writePhantom } from '../../src/runtime/phantom/write-phantom.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const root = await temporaryFolder();
const data = join(root, 'phantom');

/** `loss` is of `logits` and `findings`; `recipe` are further lines. */
const sourceOf = (loss: string, recipe = ''): string => `language 1

labels Findings = ["Effusion", "Mass"]

model Tiny(classes: labels = Findings) {
  input image: [N, C: 1, H: 16, W: 16] from pixels(mean: [0.5], std: [0.25])
  features = image |> conv(C -> C: 4, over: [H: 3, W: 3]) |> batch_norm(C) |> relu
  logits = features |> mean(over: [H, W]) |> linear(C -> K: classes)
  output logits
  output probability = sigmoid(logits) labels classes
}

train Tiny {
  target findings: [N, K: classes]
  loss = ${loss}
  optimizer sgd(lr: 0.01)
  ${recipe}
  batch 8
  epochs 3
}
`;

const crossEntropy = 'mean(softplus(logits) - findings * logits, over: [N, K])';

async function written(name: string, text: string): Promise<string> {
  const file = join(root, `${name}.net`);
  await writeFile(file, text);
  return file;
}

const train = (file: string, out: string, ...more: readonly string[]) =>
  runCli('train', file, '--data', data, '--out', join(root, out), '--no-verify', ...more);

async function configurationOf(out: string): Promise<unknown> {
  return JSON.parse(await readFile(join(root, out, 'run.json'), 'utf8'));
}

beforeAll(async () => {
  await writePhantom(data, { count: 40, seed: 3, size: 32 });
});

describe('netc train --engine', () => {
  it('takes ONNX Runtime where nothing is asked for, and goes on with the engine of the run', async () => {
    const file = await written('plain', sourceOf(crossEntropy));
    const first = await train(file, 'chosen', '--steps', '2');
    expect(first).toMatchObject({ code: 0 });
    expect(first.err).toMatch(/ONNX Runtime \S+ on CPU/);
    expect(first.err).not.toContain('warning: TensorFlow.js');
    expect(await configurationOf('chosen')).toMatchObject({ configuration: { engine: 'ort' } });
    await train(file, 'tfjs', '--steps', '2', '--engine', 'tfjs');
    const resumed = await train(file, 'tfjs', '--steps', '3', '--resume');
    expect(resumed.err).toMatch(/TensorFlow\.js \S+ on/);
  });

  it('says that a run is resumed by another engine', async () => {
    const file = await written('switched', sourceOf(crossEntropy));
    await train(file, 'switched', '--steps', '2', '--engine', 'tfjs');
    const { code, err } = await train(file, 'switched', '--steps', '4', '--engine', 'ort', '--resume');
    expect(code).toBe(0);
    expect(err).toContain('engine tfjs -> ort');
  });

  it('trains by ONNX Runtime what accumulates gradients and averages weights', async () => {
    const file = await written('accumulating', sourceOf(crossEntropy, 'accumulate 2\n  average ema(0.5)'));
    for (const engine of ['auto', 'ort']) {
      const { code, err } = await train(file, `accumulating-${engine}`, '--steps', '2', '--engine', engine);
      expect(code).toBe(0);
      expect(err).not.toContain('TensorFlow.js trains');
    }
    expect(await configurationOf('accumulating-auto')).toMatchObject({ configuration: { engine: 'ort' } });
  });

  it('names a provider that is not here, and the remedy', async () => {
    const file = await written('elsewhere', sourceOf(crossEntropy));
    for (const engine of ['auto', 'ort']) {
      const { code, err } = await train(
        file,
        `elsewhere-${engine}`,
        '--provider',
        'coreml',
        '--engine',
        engine,
      );
      expect(code).toBe(5);
      expect(err).toContain('error[R4008]');
      expect(err).toContain('coreml');
      expect(err).toContain('--provider cpu');
    }
  });

  it.each(['ort', 'tfjs'])('stops at the step whose loss is no number, engine %s', async (engine) => {
    // The logarithm of a number that is negative at once.
    const file = await written(`nan-${engine}`, sourceOf('mean(log(findings * logits - 1), over: [N, K])'));
    const { code, err } = await train(file, `nan-${engine}`, '--engine', engine);
    expect(code).toBe(5);
    expect(err).toContain('error[R4005]');
    expect(err).toContain('At step 1 the loss is no number any more. There is no checkpoint from before.');
  });

  it.each(['ort', 'tfjs'])('keeps the last good checkpoint, engine %s', async (engine) => {
    // A loss that falls without end, and steps that grow with it: float32 ends before the epochs do.
    const steep = sourceOf('-mean(exp(logits), over: [N, K])').replace('0.01', '10');
    const file = await written(`steep-${engine}`, steep);
    const { code, err } = await train(file, `steep-${engine}`, '--engine', engine, '--checkpoint-every', '0');
    expect(code).toBe(5);
    const [, at, last] =
      /At step (\d+) [^.]* is [^.]*\. The last good checkpoint, of step (\d+), is kept/.exec(err) ?? [];
    expect(Number(last)).toBeGreaterThan(0);
    expect(Number(last)).toBeLessThan(Number(at));
  });
});

describe('netc train --debug-nan', () => {
  it('names the operation that made the first number that is not finite', async () => {
    // The slope of a root at 0 is infinite, and 0 times that no number, though the loss is one.
    const loss = 'mean(sqrt((logits - logits) * findings), over: [N, K])';
    const file = await written('root', sourceOf(loss));
    const { code, err } = await train(file, 'root', '--debug-nan');
    expect(code).toBe(5);
    expect(err).toContain('error[R4005]');
    expect(err).toContain('At step 1 a weight is no number any more.');
    expect(err).toMatch(
      /It begins with `div`, which makes `d_sqrt` in loss\/sqrt, at \S*root\.net:15:15: sqrt\(\(logits - logits\) \* findings\)/,
    );
  });

  it('changes no number of a run that stays finite', async () => {
    const file = await written('watched', sourceOf(crossEntropy));
    await train(file, 'unwatched', '--engine', 'ort');
    expect(await train(file, 'watched', '--engine', 'ort', '--debug-nan')).toMatchObject({ code: 0 });
    const [watched, unwatched] = await Promise.all(
      ['watched', 'unwatched'].map((out) => readFile(join(root, out, 'last.safetensors'))),
    );
    expect(watched).toEqual(unwatched);
  });

  it('is for ONNX Runtime', async () => {
    const file = await written('elsewise', sourceOf(crossEntropy));
    const { code, err } = await train(file, 'elsewise', '--debug-nan', '--engine', 'tfjs');
    expect(code).toBe(2);
    expect(err).toContain('--engine ort');
  });
});
