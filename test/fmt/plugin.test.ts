import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { formatNet } from '../../src/fmt/format.ts';
import * as plugin from '../../src/fmt/plugin.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { inRepository } from '../support/repository.ts';
import { sources } from './sources.ts';

const text = sources().get('test/grammar/corpus/sim.net') ?? '';

describe('the plugin', () => {
  const options = { filepath: 'sim.net', plugins: [plugin] };

  it('serves prettier itself', async () => {
    expect(await prettier.format(text, options)).toBe(await formatNet(text));
    expect((await prettier.getFileInfo('sim.net', { plugins: [plugin] })).inferredParser).toBe('net');
  });

  it('takes its options', async () => {
    const indented = await prettier.format(text, { ...options, useTabs: true, endOfLine: 'crlf' });
    expect(indented).toBe((await formatNet(text, { useTabs: true })).replaceAll('\n', '\r\n'));
  });
});

describe('the command of prettier with the plugin as it is built', async () => {
  const folder = await temporaryFolder();
  const built = join(folder, 'plugin.mjs');
  await build({
    entryPoints: [inRepository('src/fmt/plugin.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: built,
  });
  const command = join(dirname(createRequire(import.meta.url).resolve('prettier')), 'bin/prettier.cjs');
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [command, '--no-config', '--plugin', built, ...args], {
      // Not in the repository, whose own sources prettier is told to ignore.
      cwd: folder,
      encoding: 'utf8',
    });
  const file = join(folder, 'a.net');

  it('formats a file', async () => {
    writeFileSync(file, text);
    expect(run(file)).toBe(await formatNet(text));
  });

  it('formats a range', () => {
    const untidy = 'language 1\n\nmodel M {\na=1 // one thing\nb=2\nc=3\n}\n';
    writeFileSync(file, untidy);
    const at = untidy.indexOf('b=');
    expect(run('--range-start', `${at}`, '--range-end', `${at + 1}`, file)).toBe(
      untidy.replace('b=2', '  b = 2'),
    );
    expect(run('--range-start', `${at}`, file)).toBe(untidy.replace('b=2\nc=3', '  b = 2\n  c = 3'));
    expect(run('--range-end', '13', file)).toBe(untidy);
  });
});
