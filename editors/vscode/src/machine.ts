import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';

/** What the search for a server asks of the machine it runs on; tests put another in its place. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The folders in which programs are looked for. */
  readonly searchPath: string;
  isFile(path: string): boolean;
  isProgram(path: string): boolean;
  /** The text of a file; undefined where there is none. */
  read(path: string): string | undefined;
}

export const thisMachine: Machine = {
  platform: process.platform,
  home: homedir(),
  searchPath: process.env['PATH'] ?? '',
  isFile,
  isProgram: (path) => {
    try {
      accessSync(path, constants.X_OK);
    } catch {
      return false;
    }
    return isFile(path);
  },
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
};

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
