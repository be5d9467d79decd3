import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const folder = await temporaryFolder();
const inside = (name: string): string => join(folder, 'project', name);
const shown = (name: string): string => relative(process.cwd(), inside(name));

const good = 'language 1\n\nblock Same()(x: [N]) -> [N] {\n  return x\n}\n';
const misspelt = good.replace('return x', 'return rellu(x)');
const importing = (path: string): string => `language 1\nimport { Same } from "${path}"\n\n${good.split('\n').slice(2).join('\n').replace('Same', 'Other')}`; // prettier-ignore

beforeAll(async () => {
  await mkdir(inside('lib'), { recursive: true });
  await mkdir(inside('folder.net'));
  await writeFile(inside('package.json'), '{}');
  const files = {
    'good.net': good,
    'misspelt.net': misspelt,
    'lib/same.net': good,
    'imports.net': importing('./lib/same.net'),
    'escapes.net': importing('../outside.net'),
    'through-link.net': importing('./link.net'),
    'bytes.net': Buffer.from([0xff, 0xfe, 0x00]),
    'imports-bytes.net': importing('./bytes.net'),
    '../outside.net': good,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(inside(name), text);
  await symlink(join(folder, 'outside.net'), inside('link.net'));
});

let before: string;
beforeAll(() => (before = process.cwd()));
afterAll(() => process.chdir(before));

describe('netc check', () => {
  test('says that a good file is good', async () => {
    expect(await runCli('check', inside('good.net'))).toEqual({
      code: 0,
      out: `${inside('good.net')}: no errors`,
      err: '',
    });
  });

  test('reports what is wrong, with the path as seen from here, and fails with 1', async () => {
    const { code, out, err } = await runCli('check', inside('good.net'), inside('misspelt.net'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('error[N2001]');
    expect(err).toContain('relu');
    expect(err).toContain(':4:10');
  });

  test('finds a file where the user stands, and its imports beside it', async () => {
    process.chdir(inside('lib'));
    expect(await runCli('check', '../imports.net')).toMatchObject({ code: 0 });
    process.chdir(before);
  });

  test.each([
    ['that is not there', 'goood.net', 'error[R1001]', 'good.net?'],
    ['that is a folder', 'folder.net', 'error[R1002]', 'folder'],
  ])('fails with 3 on a file %s', async (_, name, code, word) => {
    const result = await runCli('check', inside(name));
    expect(result.code).toBe(3);
    expect(result.err).toContain(code);
    expect(result.err).toContain(word);
  });

  test.skipIf(process.platform === 'win32')('does not wait for a pipe', async () => {
    execFileSync('mkfifo', [inside('pipe.net')]);
    const { code, err } = await runCli('check', inside('pipe.net'));
    expect(code).toBe(3);
    expect(err).toContain('error[R1002]');
  });

  test('reads nothing outside of the project, by `..` or through a link', async () => {
    for (const name of ['escapes.net', 'through-link.net']) {
      const { code, err } = await runCli('check', inside(name));
      expect(code, name).toBe(1);
      expect(err, name).toContain('error[N2005]');
    }
  });

  test('says why an import cannot be read', async () => {
    const { code, err } = await runCli('check', inside('imports-bytes.net'));
    expect(code).toBe(1);
    expect(err).toContain('error[N2006]');
    expect(err).toContain('not text in UTF-8');
  });

  test('prints one JSON object with --json, whatever happens', async () => {
    const { code, out, err } = await runCli('check', inside('good.net'), inside('misspelt.net'), '--json');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      format: 1,
      command: 'check',
      ok: false,
      files: [
        { file: inside('good.net'), ok: true, diagnostics: [] },
        {
          file: inside('misspelt.net'),
          ok: false,
          diagnostics: [{ code: 'N2001', severity: 'error', start: { line: 4, column: 10 } }],
        },
      ],
    });
  });

  test('shows paths relative to the user while that is shorter', async () => {
    process.chdir(folder);
    const { err } = await runCli('check', 'project/misspelt.net');
    process.chdir(before);
    expect(err).toContain('--> project/misspelt.net:4:10');
    expect(shown('misspelt.net')).not.toBe('project/misspelt.net');
  });
});
