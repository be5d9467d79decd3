import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const file = join(await temporaryFolder(), 'loops.net');

/** Blocks that loops make in loops, as ResNets do. */
const source = `language 1

block Unit()(x: [N, C, H, W]) -> [N, C, H, W] {
  return x |> conv(C -> C: C, over: [H: 3, W: 3], bias: false) |> relu
}

block Stage()(x: [N, C, H, W]) -> [N, C, H, W] {
  unit = Unit()
  return x + unit(x)
}

model Loops() {
  input image: [N, C: 2, H: 8, W: 8]
  y = image
  for i in 0..2 {
    for j in 0..2 {
      y = Stage()(y)
    }
  }
  output y
}
`;

beforeAll(() => writeFile(file, source));

const firstColumn = (out: string): string[] =>
  out
    .split('\n')
    .slice(2, -2)
    .map((line) => line.replace(/(\S)\s.*/, '$1'));

describe('netc summary', () => {
  test('shows blocks that loops make among the parts of the model', async () => {
    const { code, out } = await runCli('summary', file, '--depth', '1');
    expect(code).toBe(0);
    expect(firstColumn(out)).toEqual(['y/0/0', 'y/0/1', 'y/1/0', 'y/1/1', 'total']);
  });

  test('shows a block before what is in it', async () => {
    const { out } = await runCli('summary', file);
    expect(firstColumn(out).slice(0, 4)).toEqual(['y/0/0', '  unit', 'y/0/1', '  unit']);
  });

  test('gives the same as JSON', async () => {
    const { out } = await runCli('summary', file, '--json');
    const { blocks } = JSON.parse(out) as { blocks: { path: string; name: string; depth: number }[] };
    expect(blocks.slice(0, 3)).toMatchObject([
      { path: '', name: '', depth: 0, block: 'Loops', parameters: 4 * 36 },
      { path: 'y/0/0', name: 'y/0/0', depth: 1, block: 'Stage', parameters: 36 },
      { path: 'y/0/0/unit', name: 'unit', depth: 2, block: 'Unit', parameters: 36, flops: 2 * 36 * 64 + 128 },
    ]);
  });

  test.each(['deep', '0', '-1', '1.5'])('refuses --depth %s', async (depth) => {
    const { code, err } = await runCli('summary', file, `--depth=${depth}`);
    expect(code).toBe(2);
    expect(err).toContain(`--depth takes a whole number from 1 to 1000, not "${depth}"`);
  });
});
