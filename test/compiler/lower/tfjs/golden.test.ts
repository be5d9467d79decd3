import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Module } from '../../../../src/compiler/ir/module.ts';
import { inRepository } from '../../../support/repository.ts';
import { compiled } from './compiled.ts';
import { programText } from './generated.ts';

/** `main.test.ts` runs the same program. */
describe('the program of small.net', () => {
  let module: Module;
  beforeAll(async () => {
    module = compiled(await readFile(inRepository('test/golden/tfjs/small.net'), 'utf8'));
  });

  it('is the one that was read and approved', async () => {
    await expect(await programText(module, { format: true, sourceName: 'small.net' })).toMatchFileSnapshot(
      inRepository('test/golden/tfjs/small.train.mjs'),
    );
  });

  it('is the same each time', async () => {
    expect(await programText(module)).toBe(await programText(module));
  });
});

describe('a network of 20,000 layers', () => {
  const source = (layers: string): string => `language 1
block Tower(depth: int)(x: [N, D]) -> [N, D] {
  y = x
  for i in 0..depth {
    y = y |> linear(D -> D: D) |> relu
  }
  return y
}
model Deep() {
  input x: [N, D: 4]
${layers}
  output y
}
`;

  it('is no longer than one of 20, where a loop says so', async () => {
    const deep = await programText(compiled(source('  y = x |> Tower(20_000)')));
    const shallow = await programText(compiled(source('  y = x |> Tower(20)')));
    expect(deep.length - shallow.length).toBeLessThan(20);
    expect(deep).toContain('...turns(20000, (i) => [');
  });
});
