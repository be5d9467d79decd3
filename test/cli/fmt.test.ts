import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const folder = await temporaryFolder();
const formatted = 'language 1\n\nblock Same()(x: [N]) -> [N] {\n  return x\n}\n';
const untidy = 'language 1\nblock Same( )(x:[N])->[N] {\nreturn x\n}\n';

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test('writes a file in the one format, and leaves it alone from then on', async () => {
  const path = await file('a.net', untidy);
  expect(await runCli('fmt', path)).toEqual({ code: 0, out: `${path}: formatted`, err: '' });
  expect(await readFile(path, 'utf8')).toBe(formatted);
  expect(await runCli('fmt', path)).toEqual({ code: 0, out: '', err: '' });
});

test('--range formats the statements on some lines alone', async () => {
  const path = await file('j.net', untidy.replace('return x', 'y=x\nreturn y'));
  expect(await runCli('fmt', '--range', '3:3', path)).toMatchObject({ code: 0, out: `${path}: formatted` });
  expect(await readFile(path, 'utf8')).toBe(untidy.replace('return x', '  y = x\nreturn y'));
  expect(await runCli('fmt', '--range', '3:3', path)).toEqual({ code: 0, out: '', err: '' });
  expect(await runCli('fmt', '--check', '--range', '2:2', path)).toMatchObject({ code: 1 });
  expect(await runCli('fmt', '--range', '90:99', path)).toEqual({ code: 0, out: '', err: '' });
});

test('--check changes nothing and fails with 1', async () => {
  const [tidy, other] = [await file('b.net', formatted), await file('c.net', untidy)];
  expect(await runCli('fmt', '--check', tidy)).toMatchObject({ code: 0, err: '' });
  expect(await runCli('fmt', '--check', tidy, other)).toEqual({
    code: 1,
    out: '',
    err: `${other}: not formatted`,
  });
  expect(await readFile(other, 'utf8')).toBe(untidy);
});

test('does not touch what it cannot parse or read', async () => {
  const broken = await file('d.net', 'language 1\nblock (');
  const result = await runCli('fmt', broken);
  expect(result.code).toBe(1);
  expect(result.err).toContain(`--> ${broken}:2:`);
  expect(await readFile(broken, 'utf8')).toBe('language 1\nblock (');

  const bytes = await file('e.net', Buffer.from([0xff, 0x00]));
  expect(await runCli('fmt', bytes)).toMatchObject({ code: 3 });
  expect(await readFile(bytes)).toEqual(Buffer.from([0xff, 0x00]));
});

test('writes through a link', async () => {
  const target = await file('f.net', untidy);
  const link = join(folder, 'link.net');
  await symlink(target, link);
  expect(await runCli('fmt', link)).toMatchObject({ code: 0 });
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(target, 'utf8')).toBe(formatted);
});

test('--json tells the state of each file', async () => {
  const [tidy, other, broken] = [
    await file('g.net', formatted),
    await file('h.net', untidy),
    await file('i.net', 'x'),
  ];
  const { code, out, err } = await runCli('fmt', '--check', '--json', tidy, other, broken);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    command: 'fmt',
    ok: false,
    files: [
      { file: tidy, state: 'unchanged', diagnostics: [] },
      { file: other, state: 'unformatted', diagnostics: [] },
      { file: broken, state: 'error' },
    ],
  });
});
