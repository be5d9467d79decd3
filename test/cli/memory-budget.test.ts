import { expect, test } from 'vitest';
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
  expect(err).toMatch(/allow `--memory-budget \d+MB`, or take a smaller `--batch`/);
});
