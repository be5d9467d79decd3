import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileToWrite } from '../../src/runtime/atomic-file.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import { version } from '../version.ts';
import type { Template } from './templates.ts';

/**
 * The source of each template. Its folder has a README.md too, and a gitignore, which npm would not pack under the name
 * that Git asks for.
 */
const sources: Readonly<Record<Template, string>> = { classifier: 'classifier.net' };

/** The files of a new project in `folder`. UserError R1006 where there is something in it, R1002 where it is a file. */
export async function newProject(folder: string, template: Template): Promise<FileToWrite[]> {
  await requireEmpty(folder);
  const isBundled = !import.meta.url.endsWith('.ts');
  const place = new URL(isBundled ? `./assets/init/${template}/` : `./${template}/`, import.meta.url);
  const text = (name: string): Promise<string> => readFile(new URL(name, place), 'utf8');
  const source = sources[template];
  const name = packageName(folder);
  const files = {
    [source]: await text(source),
    'package.json': `${JSON.stringify(description(name, source, folder), null, 2)}\n`,
    'README.md': (await text('README.md')).replaceAll('{{name}}', name),
    '.gitignore': await text('gitignore'),
  };
  return Object.entries(files).map(([path, content]) => ({ path: join(folder, path), content }));
}

function description(name: string, source: string, folder: string): Readonly<Record<string, unknown>> {
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      check: `netc check ${source}`,
      format: `netc fmt ${source}`,
      summary: `netc summary ${source}`,
      graph: `netc graph ${source}`,
      build: `netc build ${source}`,
      train: `netc train ${source}`,
    },
    dependencies: { netc: dependency(folder) },
  };
}

/** This very netc: by its version where npm has installed it, else, for whoever works on netc, by its folder. */
function dependency(folder: string): string {
  const isBundled = !import.meta.url.endsWith('.ts');
  const root = fileURLToPath(new URL(isBundled ? '..' : '../..', import.meta.url));
  if (root.split(sep).includes('node_modules')) return version;
  return `file:${relative(resolve(folder), root).split(sep).join('/')}`;
}

/** The name of the folder as npm allows it. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'network' : name.slice(0, 200);
}

async function requireEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') {
      throw new UserError('R1002', 'This is a file, not a folder.', {
        place: folder,
        remedy: 'Name a new folder.',
      });
    }
    throw fromSystem(error, folder, 'read');
  });
  if (entries.length === 0) return;
  throw new UserError('R1006', 'A new project is made in a new or empty folder.', {
    place: folder,
    remedy: 'Name another folder.',
  });
}
