import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../errors.ts';
import { isAtWork, thisProcess } from '../process-owner.ts';
import { makeFolder } from '../make-folder.ts';
import { fromSystem } from '../system-errors.ts';
import { phantomFiles } from './data-files.ts';
import type { WrittenStudy } from './data-files.ts';
import type { Finding } from './prevalence.ts';
import { renderStudy } from './render.ts';
import type { Radiograph } from './render.ts';
import { phantomStudies } from './studies.ts';
import type { Study } from './studies.ts';

export interface PhantomOptions {
  /** How many images: 2 or more. */
  readonly count: number;
  /** 0 to 2^53 - 1. */
  readonly seed: number;
  /** The side of the square images in pixels, 16 to 2048; 256 when left out. The published images have 1024. */
  readonly size?: number;
  /** Called after each image. */
  readonly onProgress?: (done: number, count: number) => void;
  /** Ends the work; nothing is left of it, and the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

export interface PhantomReport {
  readonly images: number;
  readonly patients: number;
  readonly train: number;
  readonly test: number;
}

/** Images that are encoded and written while the next one is drawn. */
const inFlight = 4;

/**
 * Writes synthetic chest radiographs into `folder`, in the layout of ChestX-ray14, with masks in a folder of their own (see
 * docs/phantom.md). Image i depends on the seed, the size and i alone. The folder appears when it is whole: until then
 * everything is in a temporary one beside it; those that killed processes left there are removed.
 *
 * UserError R1006 when the folder exists and is not empty, R1003 to R1005 when the system refuses; RangeError for counts
 * and sizes out of range.
 */
export async function writePhantom(folder: string, options: PhantomOptions): Promise<PhantomReport> {
  const { count, seed, size = 256, onProgress, signal } = options;
  if (!Number.isSafeInteger(size) || size < 16 || size > 2048) {
    throw new RangeError(`phantom images have 16 to 2048 pixels a side, not ${size}`);
  }
  const studies = phantomStudies(count, seed);
  const target = resolve(folder);
  const temporary = await temporaryFor(target);
  const writing = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    await requireEmpty(target);
    await removeAbandoned(target);
    for (const part of imageFolders) await makeFolder(join(temporary, part));
    const written: WrittenStudy[] = [];
    for (const study of studies) {
      signal?.throwIfAborted();
      const radiograph = renderStudy(study, seed, size);
      const { spacing, lesions: boxes } = radiograph;
      written.push({ study, spacing, boxes: boxes.map(({ finding, box }) => ({ finding, box })) });
      const task = writeImages(temporary, study, radiograph)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => writing.delete(task));
      writing.add(task);
      while (writing.size >= inFlight) await Promise.race(writing);
      if (failures.length > 0) throw failures[0];
      onProgress?.(written.length, count);
    }
    await Promise.all(writing);
    if (failures.length > 0) throw failures[0];
    for (const [name, text] of phantomFiles(written, { size, seed })) {
      await writeFile(join(temporary, name), text);
    }
    signal?.throwIfAborted();
    await moveInto(temporary, target);
  } catch (error) {
    throw fromSystem(error, target, 'write');
  } finally {
    await Promise.all(writing);
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
  const train = studies.filter(({ split }) => split === 'train').length;
  const patients = new Set(studies.map(({ patient }) => patient)).size;
  return { images: count, patients, train, test: count - train };
}

/** A name that says whose it is, since a process that is killed cannot remove its folder. */
async function temporaryFor(target: string): Promise<string> {
  const { host, pid, started } = await thisProcess();
  return `${target}.${pid}-${started}-${encodeURIComponent(host)}.${randomBytes(6).toString('hex')}.tmp`;
}

async function removeAbandoned(target: string): Promise<void> {
  const folder = dirname(target);
  const start = `${basename(target)}.`;
  // Where there is no folder yet, there is nothing in it.
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(start)) continue;
    const [, pid, started = '', host = ''] =
      /^(\d+)-(\d*)-([^/]+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length)) ?? [];
    if (pid === undefined) continue;
    if (await isAtWork({ host: decodeURIComponent(host), pid: Number(pid), started })) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

const imageFolders = ['images_001/images', 'masks/lungs', 'masks/lesions'] as const;

async function requireEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new UserError(
    'R1006',
    `There is ${entries.length === 1 ? 'a file' : 'a number of files'} in it already.`,
    {
      place: folder,
      remedy: 'Name a new folder, or remove this one first.',
    },
  );
}

/** An empty folder of the name, which some systems would not replace, gives way. */
async function moveInto(temporary: string, target: string): Promise<void> {
  await rmdir(target).catch(() => undefined);
  await makeFolder(dirname(target));
  await rename(temporary, target);
}

async function writeImages(folder: string, study: Study, radiograph: Radiograph): Promise<void> {
  const { size, pixels, lungs, lesions } = radiograph;
  const masks = new Map<Finding, Uint8Array<ArrayBuffer>>();
  for (const { finding, mask } of lesions) {
    const before = masks.get(finding);
    masks.set(finding, before === undefined ? mask : mask.map((value, i) => value | (before[i] ?? 0)));
  }
  const base = study.name.replace(/\.png$/, '');
  await Promise.all([
    writeGray(join(folder, 'images_001/images', study.name), pixels, size),
    writeGray(join(folder, 'masks/lungs', study.name), lungs, size),
    ...Array.from(masks, ([finding, mask]) =>
      writeGray(join(folder, 'masks/lesions', `${base}_${finding}.png`), mask, size),
    ),
  ]);
}

async function writeGray(path: string, pixels: Uint8Array<ArrayBuffer>, size: number): Promise<void> {
  const image = sharp(pixels, { raw: { width: size, height: size, channels: 1 } });
  // The file is written here and not by sharp, whose errors do not say what the system said.
  await writeFile(path, await image.toColourspace('b-w').png({ compressionLevel: 6 }).toBuffer());
}
