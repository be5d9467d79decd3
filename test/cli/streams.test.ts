import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawnCli, startCli } from './run-cli.ts';

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

test.runIf(process.platform === 'linux')(
  'ends with a code, and a message where there can be one, when its output cannot be written',
  async () => {
    const full = await open('/dev/full', 'w');
    const run = async (argv: readonly string[], stdout: number | 'pipe', stderr: number | 'pipe') => {
      const child = startCli(argv, { cwd: root, stdio: ['ignore', stdout, stderr] });
      let err = '';
      child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
      const code = await new Promise((resolve) => child.on('close', resolve));
      return { code, err };
    };
    try {
      const results = await run(['summary', 'models/mlp.net'], full.fd, 'pipe');
      expect(results.code).toBe(3);
      expect(results.err).toMatch(
        /^error\[R1005\]: The output cannot be written \(ENOSPC\)\.\n --> the standard output\n/,
      );
      expect(await run(['check', 'nowhere.net'], 'pipe', full.fd)).toMatchObject({ code: 3 });
    } finally {
      await full.close();
    }
  },
);
