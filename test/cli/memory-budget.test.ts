import { expect, test } from 'vitest';
import { compileModel } from '../../cli/compile-model.ts';
import { makeStepProgram } from '../../cli/train/step-program.ts';
import { imageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { batchSizes } from '../../src/runtime/batches.ts';
import { runCli } from './run-cli.ts';

const step = ['build', 'models/mlp.net', '--target', 'onnx-train', '--dump-after', 'rematerialise'];

test('a budget that a step meets', async () => {
  const { code, out } = await runCli(...step, '--memory-budget', '1.5GiB');
  expect(code).toBe(0);
  expect(out).toContain('update packed.weights');
});

test('one that it cannot meet is an error, with what would be enough', async () => {
  const { code, err } = await runCli(...step, '--memory-budget', '0.001MB');
  expect(code).toBe(1);
  expect(err).toContain('N8003');
  expect(err).toMatch(/allow `--memory-budget \d+MB`, or take another `--batch`/);
});

test('one that only the last batch of an epoch does not meet is an error before the first', async () => {
  const model = await compileModel('models/mair-small.net', { set: {} }, () => undefined);
  const recipe = model && imageRecipe(model.module);
  if (model === undefined || recipe === undefined) throw new Error('the model is no classifier of images');
  const programFor = (samples: number, memoryBudget: number) =>
    makeStepProgram(model.module, recipe, {
      sourceSha256: '',
      batch: 4,
      batchSizes: batchSizes(samples, 4),
      memoryBudget,
    });
  const needed = async (samples: number): Promise<string> =>
    (await programFor(samples, 1)).diagnostics.map(({ message }) => message).join('\n');
  const least = Number(/on 4 samples needs (\d+) MB/.exec(await needed(8))?.[1]);
  expect((await programFor(8, least * 1e6)).program).toBeDefined();
  // A single sample that is left over joins the batch before.
  const { program, diagnostics } = await programFor(9, least * 1e6);
  expect(program).toBeUndefined();
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^N8003 .* on 5 samples needs/),
  ]);
}, 60_000);
