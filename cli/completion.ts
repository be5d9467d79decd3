import { readdirSync } from 'node:fs';
import type { Argv } from 'yargs';
import { codes } from '../src/compiler/diagnostics/codes.ts';
import { errorCodes } from '../src/runtime/error-codes.ts';

/** Commands whose arguments are sources. */
const takeSources: ReadonlySet<string> = new Set([
  'build',
  'check',
  'fmt',
  'graph',
  'summary',
  'train',
  'verify',
]);
/** Who waits behind the tab key wants neither a long search nor a long list. */
const MAX_SOURCES = 200;
const MAX_DEPTH = 3;

/**
 * Adds `netc completion`, which prints a script for bash or zsh, and what that script asks for: commands, options and
 * their choices by yargs, sources by us. Where nothing is offered, the shell goes on with the names of its files.
 */
export function addCompletion(cli: Argv, argv: readonly string[]): Argv {
  // The line as the shell has it: netc, a command, ..., the word at hand.
  const line = argv.slice(argv.indexOf('--get-yargs-completions') + 1);
  const [command = '', previous = ''] = [line[1], line.at(-2)];
  return cli.completion(
    'completion',
    'Print a script that completes commands, options and sources: netc completion >> ~/.bashrc, or ~/.zshrc',
    (current: string, _: unknown, byYargs: (done: Found) => unknown, done: (words: string[]) => unknown) => {
      byYargs((_error, found = []) => {
        if (current.startsWith('-')) return done([...found]);
        // Options are offered to who begins one; anywhere else they would hide the names of files.
        const words = found.filter((word) => !word.startsWith('-'));
        if (line.length > 2 && command === 'explain') return done(errorCodesFrom(current));
        const isSource = line.length > 2 && takeSources.has(command) && !previous.startsWith('-');
        return done(isSource ? sources(current) : words);
      });
    },
  );
}

type Found = (error: Error | null, words: readonly string[] | undefined) => void;

/** Shells take what they are given only where it begins as the word at hand does: small letters are left so. */
function errorCodesFrom(start: string): string[] {
  const all = [...Object.keys(codes), ...Object.keys(errorCodes)];
  const cased = /^[a-z]/.test(start) ? all.map((code) => code.toLowerCase()) : all;
  return cased.filter((code) => code.startsWith(start));
}

/**
 * The sources whose path begins with `start`, those in folders too. Folders themselves are not offered: a shell puts a
 * blank behind what it is given.
 */
function sources(start: string): string[] {
  const found: string[] = [];
  const folders = [{ path: start.slice(0, start.lastIndexOf('/') + 1), depth: 0 }];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of entriesOf(folder.path)) {
      const path = `${folder.path}${entry.name}`;
      const leads = path.startsWith(start) && !entry.name.startsWith('.') && entry.name !== 'node_modules';
      if (!leads || found.length >= MAX_SOURCES) continue;
      if (entry.isDirectory() && folder.depth < MAX_DEPTH) {
        folders.push({ path: `${path}/`, depth: folder.depth + 1 });
      } else if (entry.name.endsWith('.net')) found.push(path);
    }
  }
  return found.sort();
}

/** What cannot be read is not offered. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
