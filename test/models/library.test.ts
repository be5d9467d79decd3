import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { complaints, inRepository, repositoryReader } from '../support/repository.ts';

function sources(folder: string): readonly string[] {
  return readdirSync(inRepository(folder))
    .filter((name) => name.endsWith('.net'))
    .map((name) => `${folder}/${name}`);
}

describe('the library', () => {
  it.each(sources('models/lib'))('%s compiles', (path) => {
    expect(complaints(compile(path, { reader: repositoryReader() }))).toEqual([]);
  });
});

describe('the models', () => {
  it.each(sources('models'))('%s compiles, with its training', (path) => {
    const compilation = compile(path, { reader: repositoryReader() });
    expect(complaints(compilation)).toEqual([]);
    expect(compilation.module?.training).toBeDefined();
  });

  const mair = repositoryReader().read('models/mair.net');
  const source = mair.kind === 'text' ? mair.text : '';

  it.each(['ResNet18', 'ResNet50'])('MAIR takes %s for its backbone', (backbone) => {
    const other = source
      .replace(/import \{ DenseNet121 \} .*/, `import { ${backbone} } from "./lib/resnet.net"`)
      .replace('DenseNet121()', `${backbone}()`);
    expect(other).not.toContain('DenseNet121()');
    const compilation = compile('models/mair.net', {
      reader: repositoryReader({ 'models/mair.net': other }),
    });
    expect(complaints(compilation)).toEqual([]);
  });

  // 29 pixels are the fewest of which DenseNet's last pooling still finds two.
  it.each([29, 64, 225, 320])('MAIR takes images of %i pixels', (size) => {
    const compilation = compile('models/mair.net', {
      reader: repositoryReader(),
      set: { size: String(size) },
    });
    expect(complaints(compilation)).toEqual([]);
  });

  it('MAIR refuses images that its backbone cannot halve often enough', () => {
    const compilation = compile('models/mair.net', { reader: repositoryReader(), set: { size: '28' } });
    expect(new Set(compilation.diagnostics.map(({ code }) => code))).toEqual(new Set(['N4006']));
    expect(compilation.module).toBeUndefined();
  });
});

describe('what the library may not lose', () => {
  it.each([
    ['models/lib/sim.net', ', C % paths == 0', 'N4005'],
    ['models/lib/sim.net', ', C % reduction == 0', 'N4005'],
    ['models/lib/msfa.net', ', width % reduction == 0', 'N4005'],
    ['models/lib/common.net', 'kernel % 2 == 1, ', 'N3010'],
    ['models/lib/attention.net', ', D % heads == 0', 'N4005'],
    ['models/lib/cbam.net', '  where kernel % 2 == 1\n', 'N3010'],
    ['models/lib/patch-embedding.net', ', W % patch == 0', 'N4005'],
    ['models/lib/windows.net', 'H % window == 0, ', 'N4005'],
    ['models/lib/windows.net', ', G % rows == 0', 'N4005'],
    ['models/lib/fpn.net', ' |> slice(W, stop: W)', 'N4001'],
    ['models/lib/resnet.net', ' and C == to', 'N4001'],
  ])('%s without `%s` is refused', (path, condition, code) => {
    const read = repositoryReader().read(path);
    const before = read.kind === 'text' ? read.text : '';
    const after = before.replace(condition, '');
    expect(after).not.toBe(before);
    const compilation = compile(path, { reader: repositoryReader({ [path]: after }) });
    expect(new Set(compilation.diagnostics.map((diagnostic) => diagnostic.code))).toEqual(new Set([code]));
  });
});
