import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ChestXray14 } from '../../src/runtime/chestxray14.ts';
import type { LiveLine } from '../live-line.ts';
import type { Terminal } from '../terminal.ts';

/** The phantom that is used where no data set is given. */
export const defaultPhantom = { count: 2000, seed: 1, size: 128 } as const;

/** Raised when the same seed gives other images. */
const phantomVersion = 1;

export interface OpenedData extends ChestXray14 {
  readonly isSynthetic: boolean;
}

/** The data set of a folder; where none is given the phantom, which is made once and kept in the user's cache. */
export async function openData(
  folder: string | undefined,
  labels: readonly string[],
  {
    terminal,
    line,
    signal,
  }: { readonly terminal: Terminal; readonly line: LiveLine; readonly signal?: AbortSignal },
): Promise<OpenedData> {
  const { readChestXray14 } = await import('../../src/runtime/chestxray14.ts');
  const data = await readChestXray14(folder ?? (await cachedPhantom(terminal, line, signal)), labels);
  return { ...data, isSynthetic: data.report.split.kind === 'synthetic' };
}

async function cachedPhantom(terminal: Terminal, line: LiveLine, signal?: AbortSignal): Promise<string> {
  const { count, seed, size } = defaultPhantom;
  const folder = join(cacheFolder(), `phantom-${phantomVersion}-${count}-${size}-${seed}`);
  terminal.err(`No --data: the phantom, ${count} synthetic radiographs (seed ${seed}), in ${folder}`);
  if (await exists(folder)) return folder;
  const { writePhantom } = await import('../../src/runtime/phantom/write-phantom.ts');
  try {
    await writePhantom(folder, {
      count,
      seed,
      size,
      onProgress: (done) => line.update('drawing synthetic radiographs', done, count, 'images'),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    // Another process may have drawn the same meanwhile, and was the first to put it into its place.
    if (!(await exists(folder))) throw error;
  } finally {
    line.clear();
  }
  return folder;
}

/** Where the system's conventions want what can be made again. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    process.platform === 'win32'
      ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : (XDG_CACHE_HOME ?? join(homedir(), '.cache'));
  return join(base, 'netc');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
