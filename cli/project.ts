import {
  accessSync,
  constants,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  type Dirent,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ReadResult, SourceReader } from '../src/compiler/source/reader.ts';
import type { HostProject } from '../src/server/host.ts';
import { UserError } from '../src/runtime/errors.ts';
import { nearestName } from '../src/runtime/suggest.ts';
import { fromSystem } from '../src/runtime/system-errors.ts';

/** A source file on the disk, and what it may import: the files of its project and no others. */
export interface Project {
  /** The path of the file as the compiler knows it: relative to the project, with `/`. */
  readonly entry: string;
  readonly reader: SourceReader;
  /** How a path of the compiler is shown: as the user, where they stand, would write it. */
  readonly display: (path: string) => string;
  /** Where a path of the compiler lies on the disk. */
  readonly onDisk: (path: string) => string;
}

/** Larger files are not sources. In bytes; the compiler has a limit in characters of its own. */
const maxBytes = 16_000_000;
/** A folder that has one of these is a project. */
const projectMarks = ['package.json', '.git'];

/**
 * Finds the project of a file that a user named while standing in `folder`. UserError R1001 or R1002 when the file
 * itself cannot be read; of files that it imports, the reader says so.
 */
export function openProject(file: string, folder: string): Project {
  const path = resolve(folder, file);
  let real: string;
  try {
    real = realpathSync(path);
    accessSync(real, constants.R_OK);
  } catch (error) {
    throw withSuggestion(fromSystem(error, file, 'read'), file, path);
  }
  // A pipe or a device would be waited for.
  const stats = statSync(real);
  if (!stats.isFile()) {
    throw new UserError(
      'R1002',
      stats.isDirectory() ? 'This is a folder, not a file.' : 'This is not a file.',
      {
        place: file,
        remedy: 'Give the path of a file.',
      },
    );
  }
  const root = projectRoot(dirname(real));
  return {
    entry: toSlashes(relative(root, real)),
    reader: { read: (wanted) => read(root, wanted) },
    display: (shown) => displayed(join(root, shown), folder),
    onDisk: (path) => resolve(root, path),
  };
}

/** The project of a file that an editor shows, and that may not be on the disk yet. */
export function projectOf(file: string): HostProject {
  const folder = existingFolder(dirname(file));
  const root = projectRoot(folder);
  return {
    root,
    entry: toSlashes(relative(root, file)),
    reader: { read: (wanted) => read(realpathSync(root), wanted) },
    sources: () => sourcesIn(root),
  };
}

function existingFolder(start: string): string {
  let folder = start;
  while (!exists(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Folders that hold nothing of the project's own. */
const foreign = new Set(['node_modules', 'dist', 'out', 'runs']);
/** Looked through for sources, at most: a project in somebody's home folder is none. */
const mostEntries = 20_000;

function sourcesIn(root: string): readonly string[] {
  const found: string[] = [];
  const pending = [''];
  let seen = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of entriesOf(join(root, folder))) {
      if (++seen > mostEntries) return found;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !entry.name.startsWith('.') && !foreign.has(entry.name)) pending.push(path);
      else if (entry.isFile() && entry.name.endsWith('.net')) found.push(path);
    }
  }
  return found.sort();
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The nearest folder from `start` upwards that is a project, or `start` where none is. */
function projectRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (projectMarks.some((mark) => exists(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function read(root: string, path: string): ReadResult {
  const wanted = resolve(root, path);
  if (!isInside(wanted, root)) return { kind: 'outside' };
  try {
    const real = realpathSync(wanted);
    // A link inside the project may point out of it.
    if (!isInside(real, root)) return { kind: 'outside' };
    const stats = statSync(real);
    if (!stats.isFile()) return { kind: 'unreadable', reason: 'it is not a file' };
    if (stats.size > maxBytes) {
      return { kind: 'unreadable', reason: `it has ${stats.size} bytes; at most ${maxBytes} are read` };
    }
    return {
      kind: 'text',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(real)),
    };
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): ReadResult {
  if (error instanceof TypeError) return { kind: 'unreadable', reason: 'it is not text in UTF-8' };
  const known = fromSystem(error, '', 'read');
  if (!(known instanceof UserError)) throw error;
  if (known.code === 'R1001') return { kind: 'missing' };
  return { kind: 'unreadable', reason: known.message };
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Relative to where the user stands, unless that would climb so far that the whole path is clearer. */
function displayed(path: string, folder: string): string {
  const way = relative(realpathSync(folder), path);
  const climbs = way.split(sep).filter((part) => part === '..').length;
  return climbs > 2 ? path : way;
}

function toSlashes(path: string): string {
  return path.split(sep).join('/');
}

/** Adds to a missing file the name beside it that was probably meant. */
function withSuggestion(error: unknown, file: string, path: string): unknown {
  if (!(error instanceof UserError) || error.code !== 'R1001') return error;
  const near = nearestName(basename(path), namesIn(dirname(path)));
  if (near === undefined) return error;
  const remedy = `Did you mean ${join(dirname(file), near)}?`;
  return new UserError(error.code, error.message, { place: file, remedy, cause: error.cause });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
