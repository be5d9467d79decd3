import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMask } from '../../src/runtime/masks.ts';
import { writePhantom } from '../../src/runtime/phantom/write-phantom.ts';
import { inProgramFolder } from '../compiler/lower/tfjs/generated.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { inRepository } from '../support/repository.ts';
import { runCli, startCli } from './run-cli.ts';

const root = await temporaryFolder();
const data = join(root, 'phantom');
const source = join(root, 'segment.net');

/** Two resolutions and a batch norm: enough to find lungs in 32 pixels, and to have state beside weights. */
const segment = `language 1

labels Organs = ["lungs"]

model Segment(organs: labels = Organs) {
  input image: [N, C: 1, H: 32, W: 32] from pixels(mean: [0.5], std: [0.25])
  fine = image |> conv(C -> C: 8, over: [H: 5, W: 5]) |> batch_norm(C) |> relu
  coarse = fine |> max_pool(over: [H: 4, W: 4]) |> conv(C -> C: 16, over: [H: 5, W: 5]) |> batch_norm(C) |> relu
  wide = coarse |> resize(over: [H: 32, W: 32], mode: bilinear)
  logits = concat([fine, wide], along: C) |> conv(C -> K: organs, over: [H: 3, W: 3])
  output logits
  output probability = sigmoid(logits) labels organs
}

loss Dice()(logits: [N, K, H, W], target: [N, K, H, W]) -> [] {
  p = sigmoid(logits)
  both = sum(p * target, over: [H, W])
  either = sum(p + target, over: [H, W])
  return mean(1 - (2 * both + 1) / (either + 1), over: [N, K])
}

train Segment {
  target masks: [N, K: organs, H: 32, W: 32]
  loss = mean(softplus(logits) - masks * logits, over: [N, K, H, W]) + Dice()(logits, masks)
  optimizer adamw(lr: 0.01)
  augment view(flip: true, shift: 0.05, zoom: 0.1)
  batch 8
  epochs 6
}
`;

beforeAll(async () => {
  await writeFile(source, segment);
  await writePhantom(data, { count: 60, seed: 3, size: 32 });
});

const trainLine = (out: string, ...more: readonly string[]): string[] =>
  ['train', source, '--data', data, '--out', join(root, out), '--no-verify', ...more]; // prettier-ignore

interface Row {
  readonly label: string | null;
  readonly dice: number | null;
  readonly images: number | null;
}

async function testOf(out: string) {
  return JSON.parse(await readFile(join(root, out, 'test.json'), 'utf8')) as {
    readonly measure: string;
    readonly rows: readonly Row[];
    readonly agreement: { readonly difference: number; readonly dice: number };
  };
}

/** The columns of epochs.csv by their names. */
async function epochsOf(out: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const [head = [], ...rows] = (await readFile(join(root, out, 'epochs.csv'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return new Map(head.map((name, k) => [name, rows.map((row) => Number(row[k]))]));
}

describe('netc train on masks', () => {
  it.each(['ort', 'tfjs'])(
    'finds the lungs of images that it was not trained on, engine %s',
    async (engine) => {
      const result = await runCli(...trainLine(engine, '--engine', engine, '--verify'));
      expect(result).toMatchObject({ code: 0 });
      expect(result.err).toContain('The targets agree.');
      expect(result.err).toMatch(
        /epoch 6\/6 {2}step \d+ {2}loss \S+ {2}validation loss \S+ {2}Dice 0\.\d+ of 1/,
      );
      expect(result.out).toMatch(/lungs +0\.\d{3} +0\.\d{3}-0\.\d{3} +\d+/);
      expect(result.out).toContain('the Dice of an image differs by');

      const epochs = await epochsOf(engine);
      const dice = epochs.get('validation_dice') ?? [];
      expect(epochs.get('lungs')).toEqual(dice);
      // Nothing that is drawn by chance or covers all of the image gets there: the lungs are a third of it.
      const { measure, rows, agreement } = await testOf(engine);
      expect(measure).toBe('dice');
      expect(rows.map(({ label }) => label)).toEqual(['lungs', null]);
      expect(rows[0]?.dice).toBeGreaterThan(0.8);
      expect(Math.max(...dice)).toBeGreaterThan((dice[0] ?? NaN) + 0.1);
      expect(agreement.difference).toBeLessThan(0.02);
      expect(agreement.dice).toBeLessThan(0.002);

      const { epoch } = bestOf(await readFile(join(root, engine, 'best.safetensors')));
      expect(dice[epoch]).toBe(Math.max(...dice));
    },
    180_000,
  );

  it('trains the U-Net of the library, small', async () => {
    const file = inRepository('models/unet-lungs.net');
    const sizes = ['--set', 'size=32', '--set', 'width=4', '--batch', '4', '--epochs', '8'];
    const line = ['train', file, '--data', data, '--out', join(root, 'u-net'), '--no-verify', ...sizes];
    expect(await runCli(...line)).toMatchObject({ code: 0 });
    const dice = (await epochsOf('u-net')).get('validation_dice') ?? [];
    expect(Math.max(...dice)).toBeGreaterThan((dice[0] ?? NaN) + 0.3);
    expect((await testOf('u-net')).rows[0]?.dice).toBeGreaterThan(0.7);
  }, 180_000);

  it('leaves the same bytes after it was killed and resumed', async () => {
    const line = (out: string, ...more: readonly string[]) =>
      trainLine(out, '--engine', 'ort', '--epochs', '3', ...more);
    expect(await runCli(...line('undisturbed'))).toMatchObject({ code: 0 });
    let kills = 0;
    for (let step = 2; step <= 8; step += 3) {
      const child = startCli(line('killed', '--resume', '--checkpoint-every', '0'), { stdio: 'ignore' });
      const ended = once(child, 'exit');
      while (child.exitCode === null && (await stepsOf('killed')) < step)
        await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill('SIGKILL');
      const [code] = (await ended) as [number | null];
      if (code === null) kills++;
    }
    expect(kills).toBeGreaterThan(0);
    const resumed = await runCli(...line('killed', '--resume'));
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.err).not.toContain('not bit for bit');
    for (const file of ['last.safetensors', 'best.safetensors', 'steps.csv', 'epochs.csv', 'test.json']) {
      const [ours, theirs] = await Promise.all(
        ['killed', 'undisturbed'].map((out) => readFile(join(root, out, file))),
      );
      expect(ours?.equals(theirs ?? Buffer.alloc(0)), file).toBe(true);
    }
  }, 180_000);

  it('refuses to go on with other masks', async () => {
    const other = join(root, 'other-masks');
    await cp(data, other, { recursive: true });
    expect(await runCli(...trainLine('moved', '--steps', '1'))).toMatchObject({ code: 0 });
    const line = trainLine('moved', '--resume').map((word) => (word === data ? other : word));
    expect(await runCli(...line, '--steps', '1')).toMatchObject({ code: 0 });
    await writeMask(other, Buffer.alloc(1024, 255), 32);
    const { code, err } = await runCli(...line, '--steps', '1');
    expect(code).toBe(5);
    expect(err).toContain('error[R4006]');
  });
});

/** What a checkpoint says of the best epoch. */
function bestOf(checkpoint: Buffer): { readonly epoch: number; readonly measure: string } {
  const header = JSON.parse(checkpoint.toString('utf8', 8, 8 + Number(checkpoint.readBigUInt64LE()))) as {
    readonly __metadata__: Readonly<Record<string, string>>;
  };
  const { progress } = JSON.parse(header.__metadata__['netc.checkpoint'] ?? '{}') as {
    readonly progress: { readonly best: { readonly epoch: number; readonly measure: string } };
  };
  expect(progress.best.measure).toBe('dice');
  return progress.best;
}

/** How many steps a run has logged. */
async function stepsOf(out: string): Promise<number> {
  const text = await readFile(join(root, out, 'steps.csv'), 'utf8').catch(() => '');
  return text.split('\n').length - 2;
}

/** In the place of the mask of the first image of the training list. */
async function writeMask(folder: string, values: Buffer, width: number): Promise<string> {
  const [name = ''] = (await readFile(join(folder, 'train_val_list.txt'), 'utf8')).split('\n');
  const path = join(folder, 'masks', 'lungs', name);
  const raw = { width, height: values.length / width, channels: 1 as const };
  await sharp(values, { raw }).toColourspace('b-w').png().toFile(path);
  return path;
}

describe('netc train says before it trains', () => {
  const edited = async (name: string, from: string, to: string): Promise<string> => {
    const file = join(root, `${name}.net`);
    expect(segment).toContain(from);
    await writeFile(file, segment.replaceAll(from, to));
    return file;
  };
  const trainEdited = (file: string, out: string, folder = data) =>
    runCli('train', file, '--data', folder, '--out', join(root, out), '--no-verify');

  it.each([
    [
      'that a mask is missing',
      (path: string) => rm(path),
      'R2012',
      /1 of the 60 images have no mask here: synthetic/,
    ],
    [
      'that a mask is damaged',
      (path: string) => writeFile(path, 'no image'),
      'R2009',
      /not an image that can be read/,
    ],
  ])('%s', async (title, spoil, code, message) => {
    const folder = join(root, title.replaceAll(' ', '-'));
    await cp(data, folder, { recursive: true });
    await spoil(await writeMask(folder, Buffer.alloc(1024), 32));
    const result = await trainEdited(source, `${title}-run`, folder);
    expect(result.code).toBe(5);
    expect(result.err).toContain(`error[${code}]`);
    expect(result.err).toMatch(message);
    expect(result.err).not.toContain('Training Segment');
  });

  it('that a mask is not as large as its image, and where', async () => {
    const folder = join(root, 'misshapen');
    await cp(data, folder, { recursive: true });
    const path = await writeMask(folder, Buffer.alloc(512), 32);
    const result = await trainEdited(source, 'misshapen-run', folder);
    expect(result.code).toBe(5);
    expect(result.err).toContain('error[R2013]');
    expect(result.err).toContain(path);
    expect(result.err).toContain('32 x 16 pixels and its image');
  });

  it('that there are no masks of a label', async () => {
    const file = await edited('unknown', '"lungs"', '"lung"');
    const { code, err } = await trainEdited(file, 'unknown');
    expect(code).toBe(5);
    expect(err).toContain('error[R2012]');
    expect(err).toContain('Did you mean "lungs"?');
  });

  it.each(['ort', 'tfjs'])('that the output is no probability, engine %s', async (engine) => {
    const file = await edited('logits', 'sigmoid(logits) labels', '(3 * logits - 1) labels');
    const { code, err } = await runCli(
      'train', file, '--data', data, '--out', join(root, `logits-${engine}`), '--no-verify', '--engine', engine,
    ); // prettier-ignore
    expect(code).toBe(5);
    expect(err).toContain('error[R3004]');
    expect(err).toContain('`probability` is not the probability of each pixel');
    expect(err).not.toContain('Training Segment');
  });

  it('that masks are not of the size of the image', async () => {
    const file = await edited(
      'small',
      'masks: [N, K: organs, H: 32, W: 32]',
      'masks: [N, K: organs, W: 32, H: 32]',
    );
    const { code, err } = await trainEdited(file, 'small');
    expect(code).toBe(5);
    expect(err).toContain('error[R4007]');
    expect(err).toContain('Declare `target masks: [N, K: 1, H: 32, W: 32]`');
  });
});

describe('netc data inspect --masks', () => {
  it('counts the images whose masks a training could take', async () => {
    const plain = await runCli('data', 'inspect', data, '--masks', 'lungs');
    expect(plain).toMatchObject({ code: 0 });
    expect(plain.out).toContain('all 60 images have masks that fit: lungs');
    const { out } = await runCli('data', 'inspect', data, '--masks', 'lungs', '--json');
    expect(JSON.parse(out)).toMatchObject({ ok: true, masks: { labels: ['lungs'], images: 60 } });
  });

  it('says what is wrong with one', async () => {
    const { code, err } = await runCli('data', 'inspect', data, '--masks', 'lungs,heart');
    expect(code).toBe(5);
    expect(err).toContain('There is no folder of masks for the label "heart"');
    expect((await runCli('data', 'inspect', data, '--masks', 'lungs,')).code).toBe(2);
  });
});

describe('netc eval on masks', () => {
  const onnx = join(root, 'ort', 'segment.onnx');

  it('gives the Dice that training gave, in JSON and image by image', async () => {
    const scores = join(root, 'dice.csv');
    const result = await runCli('eval', onnx, '--data', data, '--json', '--scores', scores, '--batch', '5');
    expect(result.code).toBe(0);
    const { rows, measure, output } = JSON.parse(result.out) as Readonly<Record<string, unknown>>;
    expect({ rows, measure, output }).toEqual({
      rows: (await testOf('ort')).rows,
      measure: 'dice',
      output: 'probability',
    });
    const [head, ...lines] = (await readFile(scores, 'utf8')).trim().split('\n');
    expect(head).toBe('image,lungs');
    const values = lines.map((line) => Number(line.split(',')[1]));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeCloseTo((await testOf('ort')).rows[0]?.dice ?? NaN, 10);
  });

  it('shows the table to a person, from a source with weights too', async () => {
    const weights = join(root, 'ort', 'segment.weights.safetensors');
    const result = await runCli('eval', source, '--weights', weights, '--data', data, '--split', 'train');
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toContain('SYNTHETIC radiographs, train list, measured by `probability`');
    expect(result.out).toMatch(/lungs +0\.\d{3}/);
    expect(result.out).toContain('Dice by image, at the size of the model');
  });

  it('refuses a file that takes images of any size', async () => {
    const out = join(root, 'inside');
    const built = await runCli(
      'build',
      source,
      '--target',
      'onnx',
      '--preprocess',
      '--no-verify',
      '--out',
      out,
    );
    expect(built).toMatchObject({ code: 0 });
    const { code, err } = await runCli('eval', join(out, 'segment.onnx'), '--data', data);
    expect(code).toBe(5);
    expect(err).toContain('error[R3004]');
    expect(err).toContain('build it without --preprocess');
  });
});

describe('netc predict on a model that segments', () => {
  const onnx = join(root, 'ort', 'segment.onnx');
  const images = join(data, 'images_001', 'images');

  it('writes masks of the size of the image that are those of the phantom', async () => {
    const [name = ''] = (await readFile(join(data, 'test_list.txt'), 'utf8')).split('\n');
    const folder = join(root, 'found');
    const result = await runCli('predict', onnx, join(images, name), '--masks', folder);
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toMatch(/share of the image\n.*\n?lungs +0\.\d{3}/);
    expect(result.out).toContain(`wrote ${join(folder, 'lungs', name)}`);
    const [found, truth] = await Promise.all(
      [folder, join(data, 'masks')].map((one) => decodeMask(join(one, 'lungs', name))),
    );
    expect(found).toMatchObject({ width: 32, height: 32 });
    const inside = (mask = found) => [...(mask?.data ?? [])].map((value) => value === 255);
    const both = inside().filter((value, i) => value && inside(truth)[i]).length;
    const either = inside().filter(Boolean).length + inside(truth).filter(Boolean).length;
    expect((2 * both) / either).toBeGreaterThan(0.7);
  });

  it('gives shares and paths in JSON, and brings masks to the size of larger images', async () => {
    const large = join(root, 'large.png');
    await sharp({ create: { width: 70, height: 50, channels: 3, background: 'gray' } }).toFile(large);
    const folder = join(root, 'found-large');
    const { out } = await runCli('predict', onnx, large, '--masks', folder, '--json');
    const path = join(folder, 'lungs', 'large.png');
    const { images: answers } = JSON.parse(out) as {
      readonly images: readonly { readonly masks: readonly unknown[] }[];
    };
    expect(answers[0]?.masks).toEqual([{ label: 'lungs', share: expect.any(Number) as number, path }]);
    expect(await decodeMask(path)).toMatchObject({ width: 70, height: 50 });
  });

  it('does not write one mask over another', async () => {
    const [first, second] = [join(root, 'a', 'x.png'), join(root, 'b', 'x.jpg')];
    const { code, err } = await runCli('predict', onnx, first, second, '--masks', join(root, 'both'));
    expect(code).toBe(2);
    expect(err).toContain('--masks would write x.png for more than one image');
  });

  it('says that a classifier has no masks', async () => {
    const file = join(root, 'classifier.net');
    const classifier = segment
      .slice(0, segment.indexOf('loss Dice'))
      .replace('logits = concat', 'places = concat')
      .replace('  output logits', '  logits = places |> mean(over: [H, W])\n  output logits');
    await writeFile(file, classifier);
    const out = join(root, 'classifier');
    expect(await runCli('build', file, '--target', 'onnx', '--no-verify', '--out', out)).toMatchObject({
      code: 0,
    });
    const [name = ''] = (await readFile(join(data, 'test_list.txt'), 'utf8')).split('\n');
    const network = join(out, 'classifier.onnx');
    const result = await runCli('predict', network, join(images, name), '--masks', join(root, 'no'));
    expect(result).toMatchObject({ code: 0 });
    expect(result.err).toContain('no mask was written');
    expect(result.out).toMatch(/lungs +0\.\d{3}/);
  });
});

describe('the generated program of a model that segments', () => {
  it('reads masks by itself, and says what is wrong with them', async () => {
    await inProgramFolder(async (folder) => {
      expect(await runCli('build', source, '--target', 'tfjs', '--no-verify', '--out', folder)).toMatchObject(
        { code: 0 },
      );
      const start = (from: string) =>
        runProgram(join(folder, 'segment.train.mjs'), '--data', from, '--steps', '12', '--batch', '8');
      const { code, out } = await start(data);
      expect(code).toBe(0);
      const losses = [...out.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
      expect(losses).toHaveLength(12);
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? NaN));

      const incomplete = join(root, 'incomplete');
      await cp(data, incomplete, { recursive: true });
      await rm(join(incomplete, 'masks', 'lungs'), { recursive: true });
      const refused = await start(incomplete);
      expect(refused.code).toBe(5);
      expect(refused.err).toContain('error R2012: mask not found');
    });
  });
});

function runProgram(file: string, ...args: readonly string[]) {
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const child = execFile(process.execPath, [file, ...args], (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}
