import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chestXray14Labels, readChestXray14 } from '../../../src/runtime/chestxray14.ts';
import { decodeImage } from '../../../src/runtime/images.ts';
import { phantomStudies } from '../../../src/runtime/phantom/studies.ts';
import { writePhantom } from '../../../src/runtime/phantom/write-phantom.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';

const root = await temporaryFolder();
const size = 48;
const whole = join(root, 'whole');
const progress: number[] = [];
const report = await writePhantom(whole, {
  count: 30,
  seed: 1,
  size,
  onProgress: (done, count) => progress.push(done / count),
});

/** Hashes of all files below a folder. */
async function hashes(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.sort().map(async (file) => {
      const hash = createHash('sha256').update(await readFile(file));
      return [file.slice(folder.length + 1), hash.digest('hex')] as const;
    }),
  );
  return new Map(found);
}

describe('writePhantom', () => {
  it('writes a folder that is read as ChestX-ray14', async () => {
    const { train, test, report: found } = await readChestXray14(whole, chestXray14Labels);
    const studies = phantomStudies(30, 1);
    expect(report).toEqual({
      images: 30,
      patients: new Set(studies.map(({ patient }) => patient)).size,
      train: train.length,
      test: test.length,
    });
    expect(found).toMatchObject({ images: 30, missing: 0, unlabelled: 0, sharedPatients: 0 });
    for (const { path, labels } of [...train, ...test]) {
      const study = studies.find(({ name }) => path.endsWith(name));
      expect(chestXray14Labels.filter((_, k) => labels[k] === 1)).toEqual(study?.findings);
    }
    expect(progress).toEqual(Array.from({ length: 30 }, (_, k) => (k + 1) / 30));
  });

  it('writes gray images of 8 bits, masks beside them, and says everywhere that they are synthetic', async () => {
    const images = await readdir(join(whole, 'images_001/images'));
    const image = await decodeImage(join(whole, 'images_001/images', images[0] ?? ''));
    expect(image).toMatchObject({ width: size, height: size, channels: 1 });
    expect(images.every((name) => name.startsWith('synthetic_'))).toBe(true);
    expect(await readdir(join(whole, 'masks/lungs'))).toEqual(images);
    const lungs = await decodeImage(join(whole, 'masks/lungs', images[0] ?? ''));
    expect(new Set(lungs.data)).toEqual(new Set([0, 255]));
    const expected = phantomStudies(30, 1).flatMap(({ name, findings }) =>
      findings.map((finding) => name.replace('.png', `_${finding}.png`)),
    );
    expect(await readdir(join(whole, 'masks/lesions'))).toEqual(expected.sort());
    expect(await readFile(join(whole, 'README.txt'), 'utf8')).toMatch(/^SYNTHETIC/);
  });

  it('has the published headers, with as many fields', async () => {
    const [header, first] = (await readFile(join(whole, 'Data_Entry_2017_v2020.csv'), 'utf8')).split('\n');
    expect(header?.split(',')).toHaveLength(11);
    expect(first?.split(',')).toHaveLength(11);
    const [boxes, box] = (await readFile(join(whole, 'BBox_List_2017.csv'), 'utf8')).split('\n');
    expect(boxes).toBe('Image Index,Finding Label,Bbox [x,y,w,h],,,');
    expect(box?.split(',')).toHaveLength(6);
  });

  it('boxes what the masks show, in pixels of 1024', async () => {
    const [, ...rows] = (await readFile(join(whole, 'BBox_List_2017.csv'), 'utf8')).trim().split('\n');
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const [name = '', label = '', ...numbers] = row.split(',');
      const finding = label === 'Infiltrate' ? 'Infiltration' : label;
      const mask = await decodeImage(join(whole, 'masks/lesions', name.replace('.png', `_${finding}.png`)));
      const [x = 0, y = 0, width = 0, height = 0] = numbers.map((text) => (Number(text) * size) / 1024);
      const edge = (columns: boolean, place: number) =>
        mask.data.some((value, i) => {
          const [column, line] = [i % size, Math.floor(i / size)];
          const inside = column >= x && column < x + width && line >= y && line < y + height;
          return value === 255 && inside && (columns ? column : line) === place;
        });
      expect([edge(true, x), edge(true, x + width - 1), edge(false, y), edge(false, y + height - 1)]).toEqual(
        [true, true, true, true],
      );
    }
  });

  it('gives the same bytes again, and the same images in a smaller set', async () => {
    const again = join(root, 'again');
    await writePhantom(again, { count: 30, seed: 1, size });
    const first = await hashes(whole);
    expect(await hashes(again)).toEqual(first);
    const fewer = join(root, 'fewer');
    await writePhantom(fewer, { count: 10, seed: 1, size });
    const images = [...(await hashes(fewer))].filter(([name]) => name.endsWith('.png'));
    expect(images.length).toBeGreaterThan(20);
    for (const [name, hash] of images) expect(first.get(name)).toBe(hash);
  });

  it('takes an empty folder, and leaves a full one alone', async () => {
    const empty = join(root, 'empty');
    await mkdir(empty);
    await writePhantom(empty, { count: 2, seed: 1, size });
    expect((await readdir(empty)).length).toBe(7);
    const full = join(root, 'full');
    await mkdir(full);
    await writeFile(join(full, 'thesis.txt'), '');
    await userErrorOf('R1006', writePhantom(full, { count: 2, seed: 1, size }));
    await userErrorOf('R1005', writePhantom(join(full, 'thesis.txt'), { count: 2, seed: 1, size }));
    expect(await readdir(full)).toEqual(['thesis.txt']);
  });

  it('removes what a killed process left of the same folder, and leaves what others are writing', async () => {
    const folder = join(root, 'killed', 'phantom');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const host = encodeURIComponent(hostname());
    const abandoned = `phantom.${child.pid}-1-${host}.0123456789ab.tmp`;
    const others = [
      `phantom.${child.pid}-1-elsewhere.0123456789ab.tmp`,
      `phantom-2.${child.pid}-1-${host}.0123456789ab.tmp`,
      'phantom.notes.tmp',
    ];
    for (const name of [abandoned, ...others]) {
      await mkdir(join(root, 'killed', name, 'images_001'), { recursive: true });
    }
    await writePhantom(folder, { count: 2, seed: 1, size: 16 });
    expect((await readdir(join(root, 'killed'))).sort()).toEqual(['phantom', ...others].sort());
  });

  it('leaves nothing when it is interrupted', async () => {
    const controller = new AbortController();
    const interrupted = writePhantom(join(root, 'interrupted'), {
      count: 100,
      seed: 1,
      size,
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 7) controller.abort();
      },
    });
    await expect(interrupted).rejects.toThrow(/abort/i);
    expect((await readdir(root)).filter((name) => name.startsWith('interrupted'))).toEqual([]);
  });

  it.each([3, 19])('leaves nothing when the system refuses to write image %i', async (image) => {
    const refused = writePhantom(join(root, 'refused'), {
      count: 20,
      seed: 1,
      size,
      onProgress: (done) => {
        if (done !== image) return;
        const temporary = readdirSync(root).find((name) => name.startsWith('refused')) ?? '';
        rmSync(join(root, temporary, 'masks'), { recursive: true });
      },
    });
    await userErrorOf('R1005', refused);
    expect((await readdir(root)).filter((name) => name.startsWith('refused'))).toEqual([]);
  });

  it.each([1, 2.5, -4])('refuses a count of %f', async (count) => {
    await expect(writePhantom(join(root, 'none'), { count, seed: 1 })).rejects.toThrow(RangeError);
  });

  it.each([8, 100.5, 4096])('refuses a size of %f', async (side) => {
    await expect(writePhantom(join(root, 'none'), { count: 2, seed: 1, size: side })).rejects.toThrow(
      RangeError,
    );
  });
});
