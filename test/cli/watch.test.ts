import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { inRepository } from '../support/repository.ts';

const folder = await temporaryFolder();
const bin = fileURLToPath(new URL('../../cli/bin.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
let count = 0;
let project: string;
let running: ChildProcessWithoutNullStreams | undefined;

const good = 'language 1\n\nblock Same()(x: [N]) -> [N] {\n  return x\n}\n';
const importing =
  'language 1\nimport { Same } from "./lib/same.net"\n\nblock Other()(x: [N]) -> [N] {\n  return Same()(x)\n}\n';

/** Puts a file in place whole, as many editors do: netc may look at any time, and half a file is another program. */
async function write(name: string, text: string): Promise<void> {
  const draft = join(folder, 'draft');
  await writeFile(draft, text);
  await rename(draft, join(project, name));
}

beforeEach(async () => {
  project = join(folder, `project-${count++}`);
  await mkdir(join(project, 'lib'), { recursive: true });
  await write('package.json', '{}');
  await write('a.net', good);
});
afterEach(() => {
  running?.kill('SIGKILL');
  running = undefined;
});

/** Starts netc in the project; `next` gives the lines of its output, one at a time, however long they take. */
function start(...argv: readonly string[]) {
  const child = spawn(process.execPath, ['--import', tsx, bin, ...argv], { cwd: project });
  running = child;
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`netc has ended:\n${err}`);
    return line.value;
  };
  return { child, next, err: () => err };
}

interface Run {
  readonly ok: boolean;
  readonly time: string;
  readonly milliseconds: number;
  readonly changed: readonly string[];
  readonly files: readonly {
    readonly file: string;
    readonly ok: boolean;
    readonly error?: { readonly code: string };
  }[];
  readonly outputs: readonly { readonly path: string }[];
  readonly verification: { readonly ok: boolean } | null;
}

describe('netc check --watch', () => {
  test('checks again when a source changes, and prints one line of JSON each time', async () => {
    await write('main.net', importing);
    const { next } = start('check', 'main.net', 'a.net', '--watch', '--json');
    const run = async (): Promise<Run> => JSON.parse(await next()) as Run;
    const first = await run();
    expect(first).toMatchObject({ format: 1, command: 'check', ok: false, changed: [] });
    expect(first.files).toMatchObject([{ file: 'main.net', ok: false, diagnostics: [{ code: 'N2003' }] }, { ok: true }]); // prettier-ignore
    expect(Number.isNaN(Date.parse(first.time))).toBe(false);

    // What was looked for and missing.
    await write('lib/same.net', good);
    expect(await run()).toMatchObject({ ok: true, changed: [join('lib', 'same.net')] });
    // What it imports.
    await write('lib/same.net', good.replace('return x', 'return y'));
    expect(await run()).toMatchObject({ ok: false, changed: [join('lib', 'same.net')] });
    await write('lib/same.net', good);
    expect(await run()).toMatchObject({ ok: true, changed: [join('lib', 'same.net')] });
    // A file that was named on the command line goes, and comes back.
    await rm(join(project, 'main.net'));
    const without = await run();
    expect(without.files).toMatchObject([
      { file: 'main.net', ok: false, error: { code: 'R1001' } },
      { ok: true },
    ]);
    await write('main.net', importing.replace('./lib/same.net', './a.net'));
    expect(await run()).toMatchObject({ ok: true, changed: ['main.net'] });
    // Imports that are new.
    await write('a.net', good.replace('return x', 'return y'));
    expect(await run()).toMatchObject({ ok: false, changed: ['a.net'] });
  });

  test('tells a person what is wrong, and in one line what came of it', async () => {
    const { next, err } = start('check', 'a.net', '--watch');
    expect(await next()).toMatch(/^\d\d:\d\d:\d\d {2}no errors in 1 source \(\d+ ms\); waiting for changes$/);
    await write('a.net', good.replace('return x', 'return y'));
    expect(await next()).toMatch(/^\d\d:\d\d:\d\d {2}a\.net changed: errors in 1 source \(\d+ ms\); waiting/);
    await expect.poll(err).toContain('error[N2001]');
    await rm(join(project, 'a.net'));
    expect(await next()).toMatch(/a\.net changed: cannot be read/);
    await expect.poll(err).toContain('error[R1001]');
  });

  test('fails as ever on a file that never was there', async () => {
    const { child } = start('check', 'b.net', '--watch');
    expect(await once(child, 'close')).toEqual([3, null]);
  });

  test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'ends on %s',
    async (signal) => {
      const { child, next, err } = start('check', 'a.net', '--watch');
      await next();
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([null, signal]);
      expect(err()).toBe('');
    },
  );
});

describe('netc build --watch', () => {
  test('builds again when a source changes, and keeps what was built last of a good one', async () => {
    await mkdir(join(project, 'nets/lib'), { recursive: true });
    for (const name of ['mlp.net', 'lib/losses.net']) {
      await copyFile(inRepository(`models/${name}`), join(project, 'nets', name));
    }
    const source = await readFile(join(project, 'nets/mlp.net'), 'utf8');
    const options = ['--target', 'onnx', '--set', 'size=4', '--watch', '--json'];
    const { child, next } = start('build', 'nets/mlp.net', ...options);
    const run = async (): Promise<Run> => JSON.parse(await next()) as Run;
    const first = await run();
    expect(first).toMatchObject({ command: 'build', ok: true, changed: [], verification: { ok: true } });
    expect(first.outputs.map(({ path }) => path)).toEqual([join('out', 'mlp.onnx')]);
    const built = await readFile(join(project, 'out/mlp.onnx'));

    await write('nets/mlp.net', source.replace('|> relu', '|> rellu'));
    expect(await run()).toMatchObject({ ok: false, outputs: [], verification: null });
    expect(await readFile(join(project, 'out/mlp.onnx'))).toEqual(built);

    await write('nets/mlp.net', source);
    const again = await run();
    expect(again).toMatchObject({ ok: true, changed: [join('nets', 'mlp.net')] });
    expect(again.verification).toEqual(first.verification);
    expect(await readFile(join(project, 'out/mlp.onnx'))).toEqual(built);

    await write('nets/mlp.net', source.replace('|> relu', '|> tanh'));
    expect(await run()).toMatchObject({ ok: true, verification: { ok: true } });
    expect(await readFile(join(project, 'out/mlp.onnx'))).not.toEqual(built);
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(await readdir(join(project, 'out'))).toEqual(['mlp.onnx']);
    expect(existsSync(join(project, 'out/mlp.onnx'))).toBe(true);
  });
});
