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

/** What is to be known of each image: which of the labels it has, or where in it what they name is. */
export interface Wanted {
  readonly learnsFrom: 'labels' | 'masks';
  readonly labels: readonly string[];
}

interface Listener {
  readonly terminal: Terminal;
  readonly line: LiveLine;
  readonly signal?: AbortSignal;
}

/** The data set of a folder; where none is given the phantom, which is made once and kept in the user's cache. */
export async function openData(
  given: string | undefined,
  { learnsFrom, labels }: Wanted,
  listener: Listener,
): Promise<OpenedData> {
  const { readChestXray14 } = await import('../../src/runtime/chestxray14.ts');
  const folder = given ?? (await cachedPhantom(listener));
  const data =
    learnsFrom === 'labels'
      ? await readChestXray14(folder, labels)
      : await withMasks(folder, labels, await readChestXray14(folder, []), listener);
  return { ...data, isSynthetic: data.report.split.kind === 'synthetic' };
}

/** The masks of all lists, each of which is looked at: what is wrong with one is said before anything is computed. */
async function withMasks(
  folder: string,
  labels: readonly string[],
  data: ChestXray14,
  { line, signal }: Listener,
): Promise<ChestXray14> {
  const { readMasks } = await import('../../src/runtime/masks.ts');
  const all = [...data.train, ...(data.validation ?? []), ...data.test];
  try {
    const samples = await readMasks(folder, labels, all, {
      onProgress: (done) => line.update('checking masks', done, all.length, 'images'),
      ...(signal === undefined ? {} : { signal }),
    });
    const middle = data.train.length + (data.validation?.length ?? 0);
    return {
      ...data,
      train: samples.slice(0, data.train.length),
      ...(data.validation === undefined ? {} : { validation: samples.slice(data.train.length, middle) }),
      test: samples.slice(middle),
    };
  } finally {
    line.clear();
  }
}

async function cachedPhantom({ terminal, line, signal }: Listener): Promise<string> {
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
