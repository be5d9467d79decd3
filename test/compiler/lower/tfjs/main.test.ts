import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Module } from '../../../../src/compiler/ir/module.ts';
import { readSafetensors } from '../../../../src/runtime/safetensors.ts';
import { inRepository } from '../../../support/repository.ts';
import { writeTargetFiles } from '../../../support/target-files.ts';
import { compiled } from './compiled.ts';
import { inProgramFolder, programFiles } from './generated.ts';

/** In the runtime's place: batches of noise under the labels that were asked for. */
const runtime = `
import { uniforms } from './generator.mjs';
export class UserError extends Error {}
export const renderUserError = (error) => 'rendered: ' + error.message;
export function batchRanges(count, size) {
  return Array.from({ length: Math.ceil(count / size) });
}
export async function readChestXray14(folder, labels) {
  if (folder === 'nowhere') throw Object.assign(new UserError('no data'), { code: 'R2001' });
  if (folder === 'locked') throw Object.assign(new UserError('no right'), { code: 'R1002' });
  return { train: Array.from({ length: 20 }, () => labels) };
}
export async function* batches(samples, { size, pixels, shuffle }) {
  for (let from = 0; from < samples.length; from += size) {
    const count = Math.min(size, samples.length - from);
    const classes = samples[0].length;
    const numbers = (name, n) => uniforms(n, shuffle.seed, name + shuffle.epoch, from);
    yield {
      size: count,
      images: numbers('images', count * pixels.channels * pixels.height * pixels.width),
      labels: numbers('labels', count * classes).map(Math.round),
      known: new Float32Array(count * classes).fill(1),
    };
  }
}
`;

interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const start = promisify(execFile);

async function run(cwd: string, args: readonly string[]): Promise<Finished> {
  try {
    const { stdout, stderr } = await start(process.execPath, [...args], { cwd });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function small(): Promise<Module> {
  return compiled(await readFile(inRepository('test/golden/tfjs/small.net'), 'utf8'));
}

/** Runs the program of small.net in a folder of its own. */
async function withProgram(use: (folder: string, program: string) => Promise<void>): Promise<void> {
  const module = await small();
  await inProgramFolder(async (folder) => {
    await writeTargetFiles(folder, await programFiles(module, { sourceName: 'small.net', runtime }));
    await use(folder, join(folder, 'small.train.mjs'));
  });
}

const lossesOf = (out: string): number[] =>
  [...out.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));

describe('a program as a process', () => {
  it('trains from any folder, says on what, and goes on from its weights', async () => {
    await withProgram(async (folder, program) => {
      const weights = join(folder, 'w.safetensors');
      const options = ['--data', 'x', '--batch', '4', '--seed', '3'];
      const first = await run(tmpdir(), [program, ...options, '--steps', '7', '--out', weights]);
      expect(first.err.replace(/^=+[^]*?=+\n/m, '')).not.toMatch(/Error/);
      expect(first.code).toBe(0);
      expect(first.out).toMatch(/^backend (WASM|CPU|tfjs-node(-gpu)?)$/m);
      expect(first.out.match(/^step \d\/7 {2}loss \d+\.\d{6} {2}\d+\.\d\d images\/s$/gm)).toHaveLength(7);
      expect(first.out).not.toContain('\u001b');
      expect((await readSafetensors(weights)).metadata).toEqual({ format: 'netc-1', model: 'Small' });

      const again = await run(folder, ['small.train.mjs', ...options, '--steps', '7']);
      expect(lossesOf(again.out)).toEqual(lossesOf(first.out));
      const further = await run(folder, [program, ...options, '--steps', '1', '--weights', weights]);
      expect(lossesOf(further.out)[0]).toBeLessThan(lossesOf(first.out)[0] ?? NaN);
    });
  });

  it('takes the steps of its epochs where none are asked for, also by way of a link', async () => {
    await withProgram(async (folder, program) => {
      const link = join(folder, 'link.mjs');
      await symlink(program, link);
      const { out } = await run(folder, [link, '--data', 'x']);
      expect(out).toContain('step 6/6 ');
      expect(out).not.toContain('step 7');
    });
  });

  it('says what is wrong with its options and its data', async () => {
    await withProgram(async (folder, program) => {
      const help = await run(folder, [program, '--help']);
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain('node small.train.mjs --data DIR [options]');
      for (const [args, code, said] of [
        [[], 2, '--data is missing'],
        [['--data'], 2, 'argument missing'],
        [['--data', 'x', '--step', '1'], 2, "Unknown option '--step'"],
        [['--data', 'x', '--steps', '0'], 2, '--steps takes a whole number from 1 up, not "0"'],
        [['--data', 'x', '--batch', '1e3'], 2, '--batch takes a whole number from 1 up, not "1e3"'],
        [['--data', 'nowhere'], 5, 'rendered: no data'],
        [['--data', 'locked'], 3, 'rendered: no right'],
      ] as const) {
        const { code: got, err } = await run(folder, [program, ...args]);
        expect(err).toContain(said);
        expect(got).toBe(code);
      }
    });
  });

  it('only defines when it is imported', async () => {
    await withProgram(async (folder) => {
      const line = `const p = await import('./small.train.mjs'); console.log(Object.keys(p).join(' '))`;
      const { out, code } = await run(folder, ['--input-type=module', '-e', line, 'small']);
      expect(code).toBe(0);
      expect(out).toBe(
        'augmentation chooseBackend createTrainer createWeights evaluate exportTrainer exportWeights gradients importTrainer ' +
          'importWeights labels learningRate loadWeights loss model parameters pixels saveWeights toTensors trainStep\n',
      );
    });
  });
});

describe('a program without a data set', () => {
  it('has no command line', async () => {
    const module = compiled(`language 1
model Plain() {
  input x: [N, D: 2]
  y = x |> linear(D -> K: 2)
  output y
}
`);
    const [program] = await programFiles(module);
    expect(program?.text).toContain('It has no data of its own');
    expect(program?.text).not.toMatch(/main\(|netc-runtime|trainStep\(|function loss/);
    expect(program?.text).toContain('import it, and give batches to what it exports');
  });
});
