import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { packageFile } from '../../../../src/compiler/lower/tfjs/package-file.ts';
import { inRepository } from '../../../support/repository.ts';
import { writeTargetFiles } from '../../../support/target-files.ts';
import { compiled } from './compiled.ts';
import { inProgramFolder, programFiles } from './generated.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

it('programs ask for the versions of packages that netc itself was tested with', async () => {
  const own = JSON.parse(await readFile(inRepository('package.json'), 'utf8')) as Manifest;
  const generated = JSON.parse(packageFile()) as Manifest;
  expect(Object.keys(generated.dependencies)).toHaveLength(4);
  expect(own.dependencies).toMatchObject(generated.dependencies);
});

it('a program can be bundled for browsers, without what runs in Node alone', async () => {
  const module = compiled(await readFile(inRepository('test/golden/tfjs/small.net'), 'utf8'));
  const files = await programFiles(module, { runtime: "import 'node:crypto';\n" });
  const text = await inProgramFolder(async (folder) => {
    await writeTargetFiles(folder, files);
    const { outputFiles } = await build({
      entryPoints: [join(folder, files[0]?.path ?? '')],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  });
  expect(text).toContain('readChestXray14');
  expect(text).not.toMatch(/(from|import) *\(?["']node:/);
});
