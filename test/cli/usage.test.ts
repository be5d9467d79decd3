import { describe, expect, test } from 'vitest';
import { exitCodeMeanings } from '../../cli/exit-codes.ts';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, spawnCli } from './run-cli.ts';

describe('the command line', () => {
  test.each([
    ['no command', []],
    ['an unknown command', ['chek', 'x.net']],
    ['no file', ['check']],
    ['an unknown option', ['check', 'x.net', '--fast']],
    ['an option without its value', ['summary', 'x.net', '--set']],
    ['a target that does not exist', ['build', 'x.net', '--target', 'torch']],
    ['a batch that is no number', ['build', 'models/mlp.net', '--batch', 'many']],
    ['a batch of 0', ['build', 'models/mlp.net', '--batch', '0']],
    ['a memory budget without a unit', ['train', 'models/mlp.net', '--memory-budget', '800']],
    ['a memory budget of nothing', ['train', 'models/mlp.net', '--memory-budget', '0GB']],
    ['a memory budget for what does not train', ['build', 'models/mlp.net', '--memory-budget', '1GB']],
    ['an option twice', ['build', 'models/mlp.net', '--out', 'a', '--out', 'b']],
    ['a range of one number', ['fmt', '--range', '3', 'models/mlp.net']],
    ['a range from its end', ['fmt', '--range', '3:2', 'models/mlp.net']],
    ['a range of two files', ['fmt', '--range', '1:2', 'models/mlp.net', 'models/mair.net']],
    ['--set without a value', ['check', 'models/mlp.net', '--set', 'size']],
    ['--set twice for one name', ['check', 'models/mlp.net', '--set', 'size=1', '--set', 'size=2']],
    ['a pass that does not exist', ['build', 'models/mlp.net', '--dump-after', 'magic']],
    ['a pass of training that does not exist', ['build', 'models/mlp.net', '--dump-after', 'train/freeze']],
    ['a source without weights', ['predict', 'models/mlp.net', 'x.png']],
    ['an ONNX file with weights', ['predict', 'x.onnx', 'x.png', '--weights', 'w.safetensors']],
  ])('fails with 2 on %s', async (_, argv) => {
    const { code, out, err } = await runCli(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: \S/);
    expect(err).not.toContain('    at ');
  });

  test.each([
    ['check', 'give a source: `check <files..>`'],
    ['predict', 'give a network: an ONNX file or a source: `predict <network> <images..>`'],
    ['predict x.onnx', 'give an image: `predict <network> <images..>`'],
    ['data inspect', 'give a folder: `inspect <folder>`'],
    ['data phantom', 'give --out'],
    ['summary a.net b.net', '"b.net" is one argument too many for `summary <file>`'],
    ['summary a.net --depth', '--depth needs a value'],
    ['check a.net --jsn', 'there is no option --jsn; did you mean --json?'],
    ['check a.net --zzzzzz', 'there is no option --zzzzzz'],
    ['build a.net --dump-aftr fold', 'there is no option --dump-aftr; did you mean --dump-after?'],
    ['build a.net --target onx', '--target takes onnx, tfjs or onnx-train, not "onx"; did you mean onnx?'],
    ['chek a.net', 'there is no such command; did you mean check?'],
    ['frobnicate', 'there is no command "frobnicate"'],
  ])('%s: %s', async (line, message) => {
    const { code, out, err } = await runCli(...line.split(' '));
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `error: ${message}` });
  });

  test('takes what stands behind `--` for files, also where it begins with a dash', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'netc-dashed-'));
    try {
      await writeFile(
        join(cwd, '-odd.net'),
        'language 1\n\nmodel M() {\n  input x: [N]\n  output y = relu(x)\n}\n',
      );
      for (const command of ['check', 'summary']) {
        const { code, err } = await spawnCli([command, '--', '-odd.net'], { cwd });
        expect({ command, code, err }).toEqual({ command, code: 0, err: '' });
      }
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test('knows what to call every argument that it asks for', async () => {
    for (const command of ['build', 'check', 'fmt', 'graph', 'init', 'summary', 'verify', 'train', 'eval']) {
      expect((await runCli(command)).err, command).toMatch(/^error: give an? /);
    }
  });

  test('lists its commands, examples and exit codes', async () => {
    const { code, out } = await spawnCli(['--help']);
    expect(code).toBe(0);
    for (const command of [
      'build',
      'check',
      'explain',
      'fmt',
      'graph',
      'init',
      'summary',
      'verify',
      'predict',
    ])
      expect(out).toContain(`netc ${command}`);
    for (const [number, meaning] of exitCodeMeanings) {
      expect(out).toContain(String(number));
      expect(out).toContain(meaning);
    }
  });

  test.each(['build', 'check', 'explain', 'fmt', 'graph', 'init', 'summary', 'verify', 'predict'])(
    'has examples in the help of %s',
    async (command) => {
      const { code, out } = await spawnCli([command, '--help']);
      expect(code).toBe(0);
      expect(out).toContain('Examples:');
      expect(out).toMatch(new RegExp(`netc ${command} \\S+`));
    },
  );

  test('documents every exit code', () => {
    const page = readFileSync(new URL('../../docs/exit-codes.md', import.meta.url), 'utf8');
    const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const [code, meaning] of exitCodeMeanings) {
      expect(
        rows.some((row) => row[1] === String(code) && row[2] === meaning),
        meaning,
      ).toBe(true);
    }
  });
});
