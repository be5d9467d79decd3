import { execFile } from 'node:child_process';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { ProcessRunner } from '../../../src/runtime/training/process-runner.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { counterGraph } from './counter-graph.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A home in which ONNX Runtime would keep its number of this machine, and what it has not yet sent. */
async function freshHome(): Promise<string> {
  const home = await temporaryFolder();
  for (const name of ['HOME', 'USERPROFILE', 'XDG_CACHE_HOME']) vi.stubEnv(name, home);
  // With these it reports nothing anyway.
  for (const name of ['ORT_DISABLE_TELEMETRY', 'ORT_RUNNING_UNIT_TESTS', 'CI']) vi.stubEnv(name, undefined);
  return home;
}

test('the process that computes reports nothing', async () => {
  const home = await freshHome();
  const { runner } = await ProcessRunner.start({ intraOpNumThreads: 1 });
  const graph = await runner.open(await counterGraph(1));
  const one = { type: 'float32', dims: [1], data: Float32Array.of(1) } as const;
  await runner.keep({ total: one });
  await runner.step(graph, { step: one });
  await runner.close();
  expect(await readdir(home)).toEqual([]);
});

test('nor do a build, which runs what it writes, and the driver that it wrote', async () => {
  const home = await freshHome();
  const out = await temporaryFolder();
  const run = promisify(execFile);
  const line = [join(root, 'dist', 'netc.cjs'), 'build', join(root, 'models', 'mlp.net'), '--out', out];
  const { stdout } = await run(process.execPath, [...line, '--target', 'onnx-train']);
  expect(stdout).toMatch(/ok +losses of onnx-train/);
  expect(await readdir(home)).toEqual([]);
  await symlink(join(root, 'node_modules'), join(out, 'node_modules'));
  const use = "import { createTrainer } from './mlp.step.mjs'; await (await createTrainer()).close();";
  await run(process.execPath, ['--input-type=module', '--eval', use], { cwd: out });
  expect(await readdir(home)).toEqual([]);
});

test('a user may want it otherwise', async () => {
  vi.stubEnv('ORT_DISABLE_TELEMETRY', '0');
  await import('../../../src/runtime/training/no-telemetry.mjs');
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('0');
});
