import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { packageFile } from '../../../../src/compiler/lower/tfjs/package-file.ts';
import { inRepository } from '../../../support/repository.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

it('programs ask for the versions of packages that netc itself was tested with', async () => {
  const own = JSON.parse(await readFile(inRepository('package.json'), 'utf8')) as Manifest;
  const generated = JSON.parse(packageFile()) as Manifest;
  expect(Object.keys(generated.dependencies)).toHaveLength(4);
  expect(own.dependencies).toMatchObject(generated.dependencies);
});
