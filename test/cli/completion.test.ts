import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const folder = await temporaryFolder();
const before = process.cwd();

beforeAll(async () => {
  for (const inside of ['nets/lib', 'node_modules/x', '.hidden', 'bin']) {
    await mkdir(join(folder, inside), { recursive: true });
  }
  const files = [
    'one.net',
    'nets/two.net',
    'nets/lib/three.net',
    'nets/notes.md',
    'node_modules/x/no.net',
    '.hidden/no.net',
  ];
  for (const file of files) await writeFile(join(folder, file), '');
  process.chdir(folder);
});
afterAll(() => process.chdir(before));
afterEach(() => void vi.unstubAllEnvs());

/** What the shell would offer for the last word of a line. */
async function offered(...line: readonly string[]): Promise<string[]> {
  vi.stubEnv('SHELL', '/bin/bash');
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await runCli('--get-yargs-completions', 'netc', ...line);
    return log.mock.calls.map(([word]) => String(word));
  } finally {
    log.mockRestore();
  }
}

describe('netc completion', () => {
  test('offers commands', async () => {
    expect(await offered('')).toEqual(
      expect.arrayContaining(['build', 'check', 'graph', 'init', 'completion']),
    );
    expect(await offered('data', '')).toEqual(['inspect', 'phantom']);
  });

  test('offers options and their choices', async () => {
    expect(await offered('build', 'one.net', '--ta')).toContain('--target');
    expect(await offered('build', 'one.net', '--target', '')).toEqual(['onnx', 'tfjs', 'onnx-train']);
  });

  test('offers sources, but none of packages and hidden folders', async () => {
    expect(await offered('check', '')).toEqual(['nets/lib/three.net', 'nets/two.net', 'one.net']);
    expect(await offered('check', 'one.net', 'nets/t')).toEqual(['nets/two.net']);
    expect(await offered('graph', 'nowhere/')).toEqual([]);
  });

  test('offers codes to explain, in the letters that were begun with', async () => {
    expect(await offered('explain', 'N800')).toEqual(['N8001', 'N8002', 'N8003']);
    expect(await offered('explain', 'N4004', 'r100')).toContain('r1001');
    expect(await offered('explain', '--j')).toContain('--json');
  });

  test('leaves other files to the shell', async () => {
    expect(await offered('predict', '')).toEqual([]);
    expect(await offered('build', 'one.net', '--out', '')).toEqual([]);
  });

  test.skipIf(!existsSync('/bin/bash'))('works in bash', async () => {
    const shim = join(folder, 'bin/netc');
    const bin = fileURLToPath(new URL('../../cli/bin.ts', import.meta.url));
    await writeFile(
      shim,
      `#!/bin/sh\nexec '${process.execPath}' --import '${import.meta.resolve('tsx')}' '${bin}' "$@"\n`,
    );
    await chmod(shim, 0o755);
    const script =
      'source <(netc completion); COMP_WORDS=(netc check nets/t); COMP_CWORD=2; _netc_yargs_completions; echo "${COMPREPLY[@]}"';
    const { stdout } = await promisify(execFile)('/bin/bash', ['-c', script], {
      env: {
        ...process.env,
        SHELL: '/bin/bash',
        PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      },
    });
    expect(stdout.trim()).toBe('nets/two.net');
  });
});
