import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { csvFields, textLines } from './csv.ts';
import { buildReport } from './data-report.ts';
import type { DataReport } from './data-report.ts';
import { UserError } from './errors.ts';
import type { Sample } from './sample.ts';
import { nearestName } from './suggest.ts';
import { fromSystem } from './system-errors.ts';

/** The 14 findings, in the order most of the field uses. `No Finding` means that none is present and is no label. */
export const chestXray14Labels = [
  'Atelectasis',
  'Cardiomegaly',
  'Effusion',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pneumonia',
  'Pneumothorax',
  'Consolidation',
  'Edema',
  'Emphysema',
  'Fibrosis',
  'Pleural_Thickening',
  'Hernia',
] as const;

/** The newer first: its labels differ on 181 images. */
const labelFileNames = ['Data_Entry_2017_v2020.csv', 'Data_Entry_2017.csv'] as const;
const trainListNames = ['train_val_list.txt', 'train_val_list_NIH.txt'] as const;
const testListNames = ['test_list.txt', 'test_list_NIH.txt'] as const;
const noFinding = 'No Finding';
const source = 'https://nihcc.app.box.com/v/ChestXray-NIHCC';

/** The columns that are read. Those after them have commas inside brackets and so more fields than names. */
const columns = ['Image Index', 'Finding Labels', 'Patient ID'] as const;

export interface ChestXray14 {
  /** The images of train_val_list.txt that are on the disk, in its order. */
  readonly train: readonly Sample[];
  /** The images of test_list.txt that are on the disk, in its order. */
  readonly test: readonly Sample[];
  readonly report: DataReport;
}

interface Row {
  readonly patient: string;
  readonly findings: readonly string[];
}

/**
 * Reads the ChestX-ray14 data set (Wang et al., CVPR 2017) from a folder in any layout in circulation: the images in
 * `images`, `images_001` or `images_001/images`; the labels in `Data_Entry_2017_v2020.csv` or `Data_Entry_2017.csv`;
 * the official split in `train_val_list.txt` and `test_list.txt`, or with `_NIH` in their names. Part of the images is
 * enough: the lists are joined with what is on the disk, and the report says what is missing.
 *
 * `labels` are the names of the model, matched exactly. UserError R2001 to R2008 or R2010 for what does not fit.
 */
export async function readChestXray14(folder: string, labels: readonly string[]): Promise<ChestXray14> {
  const entries = await listDataFolder(folder);
  const labelFile = findFile(folder, entries, labelFileNames, 'R2002');
  const rows = parseLabels(await readText(labelFile), labelFile);
  checkLabels(labels, rows, labelFile);

  const trainList = findFile(folder, entries, trainListNames, 'R2005');
  const testList = findFile(folder, entries, testListNames, 'R2005');
  const images = await findImages(folder, entries);

  const split = async (list: string) => {
    const listed = parseList(await readText(list), list);
    return { list, listed: listed.length, samples: joinSamples(listed, rows, images, labels) };
  };
  const train = await split(trainList);
  const test = await split(testList);
  for (const { list, listed, samples } of [train, test]) {
    if (samples.length > 0) continue;
    throw new UserError(
      'R2008',
      `None of the ${listed} images of this list is both on the disk and in the label file.`,
      {
        place: list,
        remedy: `Check that the images below ${folder} are those of the list, or fetch more of them from ${source}.`,
      },
    );
  }
  const report = buildReport({ labels, labelFile, labelled: rows.keys(), images, train, test });
  return { train: train.samples, test: test.samples, report };
}

async function listDataFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new UserError('R2001', 'There is no folder here that can be read.', {
      place: folder,
      remedy: `Give the folder that has the images and ${labelFileNames[0]}; both are published at ${source}.`,
      cause: error,
    });
  }
}

function findFile(
  folder: string,
  entries: readonly string[],
  names: readonly [string, string],
  code: 'R2002' | 'R2005',
): string {
  const found = names.find((name) => entries.includes(name));
  if (found !== undefined) return join(folder, found);
  throw new UserError(code, `The folder has no ${names.join(' and no ')}.`, {
    place: folder,
    remedy: `Put ${names[0]} into this folder; it is published with the images at ${source}.`,
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
}

/** The rows of the label file by file name of the image. */
function parseLabels(text: string, path: string): ReadonlyMap<string, Row> {
  const [headerLine = '', ...lines] = textLines(text);
  const header = csvFields(headerLine).map((name) => name.trim());
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const names = missing.map((name) => `"${name}"`).join(', ');
    throw new UserError(
      'R2003',
      `The first line has no column ${names}; it has ${headerLine.trim().slice(0, 300) || 'nothing'}.`,
      {
        place: `${path}:1`,
        remedy: 'Use the label file as it is published, or give its columns their published names.',
      },
    );
  }
  const positions = columns.map((name) => header.indexOf(name));
  const rows = new Map<string, Row>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const fields = csvFields(line);
    const values = positions.map((position) => fields[position]?.trim() ?? '');
    const empty = columns.find((_, i) => values[i] === '');
    if (empty !== undefined) {
      throw new UserError('R2004', `The row has no ${empty}.`, {
        place: `${path}:${index + 2}`,
        remedy: 'Mend or remove this row, or fetch the label file again.',
      });
    }
    const [name = '', findings = '', patient = ''] = values;
    rows.set(name, { patient, findings: findings.split('|').map((finding) => finding.trim()) });
  }
  return rows;
}

function checkLabels(labels: readonly string[], rows: ReadonlyMap<string, Row>, labelFile: string): void {
  const known = new Set<string>(chestXray14Labels);
  for (const { findings } of rows.values()) for (const finding of findings) known.add(finding);
  known.delete(noFinding);
  for (const label of labels) {
    if (known.has(label)) continue;
    if (label === noFinding) {
      throw new UserError(
        'R2010',
        `"${noFinding}" says that no label is present; it is not a label itself.`,
        {
          place: labelFile,
          remedy: `Take "${noFinding}" out of the model's labels.`,
        },
      );
    }
    const nearest = nearestName(label, known);
    const names = [...known].join(', ');
    throw new UserError('R2010', `The model has the label "${label}"; the data set has ${names}.`, {
      place: labelFile,
      remedy: nearest === undefined ? "Use the data set's names in the model." : `Did you mean "${nearest}"?`,
    });
  }
}

/** The file names of a split list: one a line, each counted once. */
function parseList(text: string, path: string): readonly string[] {
  const names: string[] = [];
  for (const [index, line] of textLines(text).entries()) {
    const name = line.trim();
    if (name === '') continue;
    if (/[\s,]/.test(name)) {
      throw new UserError('R2006', `The line "${name.slice(0, 60)}" is not one file name.`, {
        place: `${path}:${index + 1}`,
        remedy: 'Use the official list: one file name a line and nothing else.',
      });
    }
    names.push(basename(name));
  }
  return [...new Set(names)];
}

/** Paths of the images by file name. Where a name occurs twice, the first folder by name has it. */
async function findImages(folder: string, entries: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  const collect = async (directory: string) => {
    for (const name of (await readdir(directory)).sort()) {
      const path = join(directory, name);
      if (/\.(png|jpe?g)$/i.test(name)) {
        if (!images.has(name)) images.set(name, path);
      } else if (isImageFolder(name) && (await isFolder(path))) {
        await collect(path);
      }
    }
  };
  for (const name of entries) {
    const path = join(folder, name);
    if (!isImageFolder(name) || !(await isFolder(path))) continue;
    try {
      await collect(path);
    } catch (error) {
      throw fromSystem(error, path, 'read');
    }
  }
  if (images.size === 0) {
    throw new UserError(
      'R2007',
      'The folder has no images in "images", "images_001", ... or in an "images" inside them.',
      {
        place: folder,
        remedy: `Unpack at least one archive of images (images_001.tar.gz, ...) into this folder, from ${source}.`,
      },
    );
  }
  return images;
}

function isImageFolder(name: string): boolean {
  return /^images(_\d+)?$/i.test(name);
}

/** Also through a symbolic link: large data sets are often linked from another disk. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function joinSamples(
  listed: readonly string[],
  rows: ReadonlyMap<string, Row>,
  images: ReadonlyMap<string, string>,
  labels: readonly string[],
): readonly Sample[] {
  const known = new Float32Array(labels.length).fill(1);
  const samples: Sample[] = [];
  for (const name of listed) {
    const row = rows.get(name);
    const path = images.get(name);
    if (row === undefined || path === undefined) continue;
    const present = Float32Array.from(labels, (label) => (row.findings.includes(label) ? 1 : 0));
    samples.push({ name, path, patient: row.patient, labels: present, known });
  }
  return samples;
}
