import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { templates } from '../../cli/init/templates.ts';
import { writePhantom } from '../../src/runtime/phantom/write-phantom.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const root = await temporaryFolder();

describe.each(templates)('a new project from the template %s', (template) => {
  const folder = join(root, `My ${template}_1`);
  const source = join(folder, `${template}.net`);

  beforeAll(async () => {
    const { code, out } = await runCli('init', folder, '--template', template);
    expect(code).toBe(0);
    expect(out).toContain(`wrote ${source}`);
    expect(out).toContain(`cd ${JSON.stringify(folder)} && npm install`);
  });

  test('has all that it needs', async () => {
    expect((await readdir(folder)).sort()).toEqual(
      ['.gitignore', 'README.md', `${template}.net`, 'package.json'].sort(),
    );
    const description = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(description).toMatchObject({ name: `my-${template}-1`, private: true, type: 'module' });
    const [, path] = /^file:(.*)/.exec(description.dependencies['netc'] ?? '') ?? [];
    expect(existsSync(join(folder, path!, 'package.json'))).toBe(true);
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    expect(readme).toContain(`# my-${template}-1`);
    for (const script of Object.keys(description.scripts)) expect(readme).toContain(`npm run ${script}`);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toContain('node_modules/');
  });

  test('is formatted, checks, and builds', async () => {
    expect(await runCli('fmt', '--check', source)).toMatchObject({ code: 0 });
    expect(await runCli('check', source)).toMatchObject({ code: 0, err: '' });
    expect(await runCli('build', source, '--out', join(folder, 'out'))).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(folder, 'out', `${template}.onnx`))).toBe(true);
  });

  test('trains on synthetic radiographs', async () => {
    const data = join(root, 'phantom');
    await writePhantom(data, { count: 60, seed: 1, size: 64 });
    const result = await runCli('train', source, '--data', data, '--out', join(folder, 'runs/1'), '--steps', '2', '--no-verify'); // prettier-ignore
    expect(result.code, result.err).toBe(0);
    expect(existsSync(join(folder, 'runs/1', `${template}.onnx`))).toBe(true);
  });
});

describe('netc init', () => {
  test('takes an empty folder, and none with a file in it', async () => {
    const folder = join(root, 'empty');
    await mkdir(folder);
    expect(await runCli('init', folder, '--json')).toMatchObject({ code: 0 });
    const before = await readdir(folder);
    const { code, err } = await runCli('init', folder);
    expect(code).toBe(3);
    expect(err).toContain('error[R1006]');
    expect(err).toContain(folder);
    expect(await readdir(folder)).toEqual(before);
  });

  test('takes no file for a folder', async () => {
    await writeFile(join(root, 'file'), '');
    const { code, err } = await runCli('init', join(root, 'file'));
    expect(code).toBe(3);
    expect(err).toContain('error[R1002]');
  });

  test('says which templates there are', async () => {
    const { code, err } = await runCli('init', join(root, 'new'), '--template', 'clasifier');
    expect(code).toBe(2);
    expect(err).toBe('error: --template takes classifier, not "clasifier"; did you mean classifier?');
    expect(existsSync(join(root, 'new'))).toBe(false);
  });
});
