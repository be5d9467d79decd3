import { execFile, execFileSync } from 'node:child_process';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileModel } from '../../cli/compile-model.ts';
import { makeStepProgram } from '../../cli/train/step-program.ts';
import { imageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { Batch } from '../../src/runtime/batches.ts';
import { startOrtEngine } from '../../src/runtime/training/ort-engine.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { oracleMissing } from '../support/oracle.ts';
import { runCli } from './run-cli.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await temporaryFolder();
const path = (...names: readonly string[]): string => join(folder, ...names);
const model = (name: string): string => join(root, 'models', `${name}.net`);

/** Builds the target into a folder of the same name. */
async function build(source: string, out: string, ...options: readonly string[]): Promise<string> {
  const args = ['build', source, '--target', 'onnx-train', '--out', path(out), ...options];
  const { code, out: printed, err } = await runCli(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return printed;
}

/** Runs a module in a process of its own that has the files of a build beside it. */
async function runBeside(out: string, code: string): Promise<unknown> {
  const file = path(out, 'use.mjs');
  await writeFile(file, code);
  const { stdout } = await run(process.execPath, [file]);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  await symlink(join(root, 'node_modules'), path('node_modules'));
});

describe('netc build --target onnx-train', () => {
  test('writes the files of the target alone, verified, the same in each build', async () => {
    expect(await build(model('mlp'), 'mlp')).toMatch(
      /ok +losses of onnx-train[^\n]*\nok +gradient of onnx-train[^\n]*\nok +new weights of onnx-train/,
    );
    await build(model('mlp'), 'again', '--no-verify');
    const names = (await readdir(path('mlp'))).sort();
    expect(names).toEqual([
      'batch-tensors.mjs',
      'generator.mjs',
      'graph-runner.mjs',
      'into-arrays.mjs',
      'mlp.eval.onnx',
      'mlp.initial.safetensors',
      'mlp.step.d.mts',
      'mlp.step.mjs',
      'mlp.step.onnx',
      'no-telemetry.mjs',
      'safetensors.mjs',
      'step-trainer.mjs',
    ]);
    for (const name of names)
      expect((await readFile(path('again', name))).equals(await readFile(path('mlp', name))), name).toBe(
        true,
      );
  });

  test('shares modules with the program of TensorFlow.js', async () => {
    await build(model('mlp'), 'shared', '--target', 'tfjs', '--no-verify');
    const names = await readdir(path('shared'));
    expect(names).toEqual(expect.arrayContaining(['mlp.train.mjs', 'mlp.step.mjs', 'safetensors.mjs']));
  });

  test('says that there is nothing to train by, and what to do', async () => {
    await writeFile(
      path('bare.net'),
      'language 1\nmodel Bare() { input x: [N, C: 2]\n output y = relu(x) }\n',
    );
    const { code, err } = await runCli('build', path('bare.net'), '--target', 'onnx-train', '--out', path('bare')); // prettier-ignore
    expect(code).toBe(1);
    expect(err).toContain('`Bare` has no `train`, and so no training step');
    expect(err).toContain('add a `train Bare { loss = ... }`, or leave out `--target onnx-train`');
  });

  test('prints the stages of the step', async () => {
    const dump = (pass: string) => runCli('build', model('mlp'), '--target', 'onnx-train', '--dump-after', pass); // prettier-ignore
    expect((await dump('optimizer')).out).toMatch(/update optimizer\.sum\/packed\.weights = %\d+/);
    expect((await dump('freeze')).err).toContain('there is no pass "train/freeze"; there are train/flatten, train/fix-sizes, train/random-inputs'); // prettier-ignore
  });

  test.skipIf(oracleMissing('onnx') !== undefined)(
    "writes what the format's own checker takes (needs Debian's python3-onnx)",
    async () => {
      await build(model('mair-small'), 'checked', '--no-verify');
      const code = 'import onnx, sys\nonnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
      for (const part of ['step', 'eval'])
        execFileSync('/usr/bin/python3', ['-c', code, path('checked', `mair-small.${part}.onnx`)]);
    },
  );
});

/** A step of a model of images, by seed and number: the same in the driver's process and here. */
const drawn = `
import { writeFileSync } from 'node:fs';
import { uniforms } from './generator.mjs';
const images = (count, index) => uniforms(count, index, 'images').map((u) => 2 * u - 1);
const marks = (count, index) => uniforms(count, index, 'labels').map((u) => (u < 0.5 ? 0 : 1));
const options = { seed: 3, steps: 10, sessionOptions: { intraOpNumThreads: 1 } };
`;

describe('the driver', () => {
  test('takes the steps of the engine, bit for bit', async () => {
    await build(model('mair-small'), 'small', '--no-verify', '--batch', '2', '--set', 'size=32');
    const compiled = await compileModel(model('mair-small'), { set: { size: '32' } }, () => undefined);
    if (compiled === undefined) throw new Error('the model does not compile');
    const recipe = imageRecipe(compiled.module);
    if (recipe === undefined) throw new Error('the model is no classifier of images');
    const { program } = await makeStepProgram(compiled.module, recipe, { sourceSha256: '', batch: 2 });
    if (program === undefined) throw new Error('the model has no step');
    const seed = compiled.module.training?.seed ?? 0;
    const engine = await startOrtEngine(program, { seed, steps: 10, scores: 'logits', threads: 1 });
    const [classes, count] = [recipe.labels.length, 2 * recipe.pixels.channels * 32 * 32];
    const batchOf = (index: number): Batch => ({
      index,
      size: 2,
      images: uniforms(count, index, 'images').map((u) => 2 * u - 1),
      labels: uniforms(2 * classes, index, 'labels').map((u) => (u < 0.5 ? 0 : 1)),
      known: new Float32Array(2 * classes).fill(1),
      samples: [],
    });
    const losses: number[] = [];
    for (const i of [0, 1, 2]) losses.push(await engine.trainOn(batchOf(i)));
    const names = Object.fromEntries(recipe.tensors.map(({ name, holds }) => [holds, name]));
    const answer = await runBeside(
      'small',
      `import { createTrainer, learningRate } from './mair-small.step.mjs';
${drawn}
const trainer = await createTrainer({ ...options, seed: ${seed} });
const batchOf = (i) => ({
  ${names['images']}: images(${count}, i),
  ${names['labels']}: marks(${2 * classes}, i),
  ${names['known'] === undefined ? '' : `${names['known']}: new Float32Array(${2 * classes}).fill(1),`}
});
// Asked for at once, taken one after the other.
const losses = await Promise.all([0, 1, 2].map((i) => trainer.step(batchOf(i))));
const { loss, outputs } = await trainer.evaluate(batchOf(9));
writeFileSync(new URL('state.safetensors', import.meta.url), await trainer.exportState());
writeFileSync(new URL('weights.safetensors', import.meta.url), await trainer.exportWeights());
const rates = [trainer.learningRate, learningRate(3, 10)];
console.log(JSON.stringify({ losses, loss, outputs: Object.keys(outputs), rates, steps: trainer.stepsTaken }));
await trainer.close();
`,
    );
    const { loss } = await engine.evaluate(batchOf(9));
    const outputs = compiled.module.model.outputs.map(({ name }) => name);
    expect(answer).toEqual({ losses, loss, outputs, rates: [engine.rate, engine.rate], steps: 3 });
    const [state, weights] = [await engine.exportState(), await engine.exportWeights()];
    expect((await readFile(path('small', 'state.safetensors'))).equals(state)).toBe(true);
    expect((await readFile(path('small', 'weights.safetensors'))).equals(weights)).toBe(true);
    engine.close();
  });

  test('trains a model without labels, goes on from its states, and refuses what does not fit', async () => {
    await build(model('autoencoder'), 'auto', '--no-verify', '--batch', '3', '--set', 'size=16', '--set', 'code=4', '--set', 'width=2'); // prettier-ignore
    const answer = await runBeside(
      'auto',
      `import { createTrainer } from './autoencoder.step.mjs';
${drawn}
const batchOf = (i) => ({ image: images(3 * 256, i) });
const whole = await createTrainer(options);
const losses = [];
for (let i = 0; i < 30; i++) losses.push(await whole.step(batchOf(0)));
const begun = await createTrainer(options);
for (let i = 0; i < 10; i++) await begun.step(batchOf(0));
const resumed = await createTrainer(options);
resumed.importState(await begun.exportState());
const step = resumed.stepsTaken;
for (let i = 10; i < 30; i++) await resumed.step(batchOf(0));
const equal = Buffer.from(await resumed.exportState()).equals(await whole.exportState());
const tuned = await createTrainer({ ...options, weights: await whole.exportWeights() });
const [a, b] = [await whole.evaluate(batchOf(5)), await tuned.evaluate({ image: { data: images(3 * 256, 5), dims: [3, 1, 16, 16] } })];
const errors = [];
for (const wrong of [{}, { image: images(100, 0) }, { image: images(256, 0) }, { image: [1] }, { ...batchOf(0), extra: 1 }])
  await whole.step(wrong).catch(({ name, message }) => errors.push(name + ': ' + message));
const [weights, state] = [await whole.exportWeights(), await begun.exportState()];
try { whole.importState(weights); } catch ({ message }) { errors.push(message); }
const pending = whole.step(batchOf(0));
try { whole.importState(state); } catch ({ message }) { errors.push(message); }
await pending;
console.log(JSON.stringify({ falls: losses[29] < 0.9 * losses[0], step, equal, tuned: a.loss === b.loss, steps: whole.stepsTaken, dims: a.outputs.error.dims, errors }));
`,
    );
    expect(answer).toEqual({
      falls: true,
      step: 10,
      equal: true,
      tuned: true,
      steps: 31,
      dims: [3],
      errors: [
        'TypeError: the batch has no image, which is float32 [N, 1, 16, 16]',
        'RangeError: image is [N, 1, 16, 16]: its 100 numbers are no whole number of 256',
        'RangeError: a step takes 3 samples, not 1: leave out the rest of an epoch, or build with --batch 1',
        'TypeError: image takes Float32Array [N, 1, 16, 16], not Array',
        'TypeError: there is no input extra; there are image',
        'the file does not say how many steps were taken: it is not of a trainer',
        'a state is taken over between steps, and one is under way',
      ],
    });
  });

  test('accumulates gradients and averages weights, and goes on from the midst of that', async () => {
    await writeFile(
      path('line.net'),
      `language 1
model Line() {
  input x: [N, C: 3]
  y = x |> dropout(0.5) |> linear(C -> K: 2)
  output y
}
train Line {
  target wanted: [N, K: 2]
  loss = mean((y - wanted) * (y - wanted), over: [N, K])
  optimizer adam(lr: 0.1)
  accumulate 3
  average ema(0.5)
  batch 4
}
`,
    );
    expect(await build(path('line.net'), 'line')).toContain('The targets agree.');
    expect(await readdir(path('line'))).toContain('line.accumulate.onnx');
    const answer = await runBeside(
      'line',
      `import { createTrainer } from './line.step.mjs';
${drawn}
const batchOf = (i) => ({ x: images(12, i), wanted: images(8, 10 + i) });
const [whole, begun, resumed] = [await createTrainer(options), await createTrainer(options), await createTrainer(options)];
const valuesOf = async (trainer, path) => [...(await trainer.parameters()).get(path).data];
const weight = () => valuesOf(whole, 'y/linear/weight');
const seen = [await weight()];
for (let i = 0; i < 9; i++) {
  await whole.step(batchOf(i));
  seen.push(await weight());
}
for (let i = 0; i < 5; i++) await begun.step(batchOf(i));
resumed.importState(await begun.exportState());
for (let i = 5; i < 9; i++) await resumed.step(batchOf(i));
const moved = seen.slice(1).map((now, i) => now.join() !== seen[i].join());
const exported = await createTrainer({ ...options, weights: await whole.exportWeights() });
const average = await valuesOf(whole, 'optimizer.average/y/linear/weight');
const exportedWeight = await valuesOf(exported, 'y/linear/weight');
const [a, b] = [await whole.evaluate(batchOf(0)), await exported.evaluate(batchOf(0))];
console.log(JSON.stringify({
  moved,
  equal: Buffer.from(await resumed.exportState()).equals(await whole.exportState()),
  averaged: exportedWeight.join() === average.join() && average.join() !== (await weight()).join(),
  evaluated: a.loss === b.loss,
  sums: await valuesOf(whole, 'optimizer.accumulated/y/linear/weight'),
}));
`,
    );
    expect(answer).toEqual({
      moved: [false, false, true, false, false, true, false, false, true],
      equal: true,
      averaged: true,
      evaluated: true,
      sums: [0, 0, 0, 0, 0, 0],
    });
  });

  test('has types by which a wrong name does not compile', async () => {
    await build(model('mlp'), 'typed', '--no-verify');
    await writeFile(
      path('typed', 'use.mts'),
      `import { createTrainer, type Batch } from './mlp.step.mjs';
const batch: Batch = { image: new Float32Array(64 * 784), kind: new Float32Array(640) };
const trainer = await createTrainer({ steps: 100, sessionOptions: { intraOpNumThreads: 2 } });
const loss: number = await trainer.step(batch);
const { outputs } = await trainer.evaluate(batch);
const logits: Float32Array = outputs.logits.data;
// @ts-expect-error
outputs.score;
// @ts-expect-error
await trainer.step({ image: new Float32Array(1) });
// @ts-expect-error
await trainer.step({ ...batch, kind: new Int32Array(1) });
export { logits, loss };
`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', '--types', 'node']; // prettier-ignore
    await run(process.execPath, [tsc, ...flags, path('typed', 'use.mts')], { cwd: root });
  });
});
