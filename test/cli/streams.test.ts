import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawnCli } from './run-cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('results go to the output and complaints to the error stream', async () => {
  const result = await spawnCli(['check', 'models/mlp.net', 'nowhere.net'], { cwd: root });
  expect(result.code).toBe(3);
  expect(result.out).toBe('');
  expect(result.err).toContain('error[R1001]');
});

test('colours nothing that goes to a file or a pipe', async () => {
  const { err } = await spawnCli(['check', 'nowhere.net'], { cwd: root, env: { FORCE_COLOR: '1' } });
  expect(err).not.toContain('\u001b');
});

test('ends quietly when nobody reads on', async () => {
  const tsx = import.meta.resolve('tsx');
  const child = spawn(
    process.execPath,
    ['--import', tsx, 'cli/bin.ts', 'build', 'models/mlp.net', '--dump-after', 'flatten'],
    {
      cwd: root,
    },
  );
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
