import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const folder = await temporaryFolder();
const before = process.cwd();

const block = (name: string, condition: string, comment = ''): string =>
  `block ${name}(k: int)(x: [N, C]) -> [N, C] where k ${condition} 3 {\n  return relu(x)${comment}\n}\n`;

beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(before));

beforeEach(async () => {
  await mkdir(join(folder, 'lib'), { recursive: true });
  await mkdir(join(folder, 'node_modules/other'), { recursive: true });
  const files = {
    'package.json': '{}',
    'wrong.net': `language 1\n\n${block('A', '=', ' # both')}`,
    'marked.net': `\uFEFFlanguage 1\r\n\r\n${block('A', '=').replaceAll('\n', '\r\n')}`,
    'lib/shared.net': `language 1\n\n${block('Shared', '=')}`,
    'one.net': `language 1\nimport { Shared } from "./lib/shared.net"\n\nblock One()(x: [N, C]) -> [N, C] {\n  return Shared(k: 3)(x)\n}\n`,
    'two.net': `language 1\nimport { Shared } from "./lib/shared.net"\n\nblock Two()(x: [N, C]) -> [N, C] {\n  return Shared(k: 3)(x)\n}\n`,
    'node_modules/other/theirs.net': `language 1\n\n${block('Theirs', '=')}`,
    'uses.net': `language 1\nimport { Theirs } from "./node_modules/other/theirs.net"\n\nblock Uses()(x: [N, C]) -> [N, C] {\n  return Theirs(k: 3)(x)\n}\n`,
    'hopeless.net': `language 1\n\n${block('A', '=').replace('relu(x)', 'nothing')}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});

const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

describe('netc check --fix', () => {
  test('mends a file, also what a fix has uncovered, and says what it did', async () => {
    const { code, out, err } = await runCli('check', 'wrong.net', '--fix');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'wrong.net:3:46: Replace `=` by `==` (N1002, syntax error)',
      'wrong.net:4:18: Replace `#` by `//` (N1001, unexpected character)',
      'wrong.net:4:18: Keep the comment (N1002, syntax error)',
      'wrong.net: mended',
      'wrong.net: no errors',
    ]);
    expect(await read('wrong.net')).toBe(`language 1\n\n${block('A', '==', '  // both')}`);
    expect(await runCli('check', 'wrong.net', '--fix')).toMatchObject({ out: 'wrong.net: no errors' });
  });

  test('keeps a byte-order mark and the ends of lines', async () => {
    expect(await runCli('check', 'marked.net', '--fix')).toMatchObject({ code: 0 });
    const mended = `\uFEFFlanguage 1\r\n\r\n${block('A', '==').replaceAll('\n', '\r\n')}`;
    expect(await read('marked.net')).toBe(mended);
  });

  test('mends once a file that several import', async () => {
    const { code, out } = await runCli('check', 'one.net', 'two.net', '--fix');
    expect(code).toBe(0);
    expect(out.match(/Replace/g)).toHaveLength(1);
    expect(await read('lib/shared.net')).toContain('k == 3');
  });

  test('leaves installed packages alone', async () => {
    const { code, out, err } = await runCli('check', 'uses.net', '--fix');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('error[N1002]');
    expect(await read('node_modules/other/theirs.net')).toContain('k = 3');
  });

  test('mends what it can and reports the rest', async () => {
    const { code, out, err } = await runCli('check', 'hopeless.net', '--fix');
    expect({ code, out }).toEqual({
      code: 1,
      out: 'hopeless.net:3:46: Replace `=` by `==` (N1002, syntax error)\nhopeless.net: mended',
    });
    expect(err).toContain('error[N2001]');
    expect(err).not.toContain('N1002');
  });

  test('puts what a condition needs before it, once', async () => {
    const thirds = (where: string): string =>
      `language 1\n\nblock Thirds()(x: [N, C]) -> [N, C]\n  where ${where}\n{\n  return relu(x)\n}\n`;
    await writeFile(join(folder, 'thirds.net'), thirds('C / 3 > 1'));
    expect(await runCli('check', 'thirds.net', '--fix')).toMatchObject({ code: 0, err: '' });
    expect(await read('thirds.net')).toBe(thirds('C % 3 == 0, C / 3 > 1'));
    // Behind it, where it was put before, it is of no use.
    await writeFile(join(folder, 'thirds.net'), thirds('C / 3 > 1, C % 3 == 0'));
    expect(await runCli('check', 'thirds.net', '--fix')).toMatchObject({ code: 0, err: '' });
    expect(await read('thirds.net')).toBe(thirds('C % 3 == 0, C / 3 > 1'));
  });

  test('writes the file that a link leads to, and leaves nothing else behind', async () => {
    await symlink('wrong.net', join(folder, 'link.net'));
    const files = await readdir(folder);
    expect(await runCli('check', 'link.net', '--fix')).toMatchObject({ code: 0 });
    expect((await lstat(join(folder, 'link.net'))).isSymbolicLink()).toBe(true);
    expect(await read('wrong.net')).toContain('k == 3');
    expect(await readdir(folder)).toEqual(files);
  });

  test('prints a patch with --dry-run, and writes nothing', async () => {
    const { code, out, err } = await runCli('check', 'one.net', 'two.net', '--fix', '--dry-run');
    expect({ code, err }).toEqual({ code: 0, err: '1 fix; nothing was written.' });
    expect(out).toMatchInlineSnapshot(`
      "--- a/lib/shared.net
      +++ b/lib/shared.net
      @@ -1,5 +1,5 @@
       language 1
       
      -block Shared(k: int)(x: [N, C]) -> [N, C] where k = 3 {
      +block Shared(k: int)(x: [N, C]) -> [N, C] where k == 3 {
         return relu(x)
       }"
    `);
    expect(await read('lib/shared.net')).toContain('k = 3');
  });

  test.each([
    [['--fix'], ['lib/shared.net']],
    [['--fix', '--dry-run'], []],
  ])('says the same as JSON: %j', async (options, written) => {
    const { out } = await runCli('check', 'one.net', ...options, '--json');
    expect(JSON.parse(out)).toMatchObject({
      command: 'check',
      ok: true,
      files: [{ file: 'one.net', ok: true, diagnostics: [] }],
      fixes: [
        {
          code: 'N1002',
          title: 'Replace `=` by `==`',
          file: 'lib/shared.net',
          start: { line: 3, column: 51 },
          end: { line: 3, column: 52 },
        },
      ],
      written,
    });
  });
});
