import { readdirSync, readFileSync } from 'node:fs';
import { inRepository } from '../support/repository.ts';

/** Every good source of the repository, by its path: the library, and the cases of the compiler and the parser. */
export function sources(): ReadonlyMap<string, string> {
  const folders = ['models', 'test/cases/ok', 'test/grammar/corpus'];
  const paths = folders.flatMap((folder) =>
    readdirSync(inRepository(folder), { encoding: 'utf8', recursive: true })
      .filter((name) => name.endsWith('.net'))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  return new Map(paths.map((path) => [path, readFileSync(inRepository(path), 'utf8')]));
}
