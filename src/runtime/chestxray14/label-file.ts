import { join } from 'node:path';
import { csvFields, textLines } from '../csv.ts';
import { UserError } from '../errors.ts';
import { nearestName } from '../suggest.ts';
import { chestXray14Labels, noFinding, source } from './publication.ts';
import { readText } from './read-text.ts';

/** The newer first: its labels differ on 181 images. */
const labelFileNames = ['Data_Entry_2017_v2020.csv', 'Data_Entry_2017.csv'] as const;

/** The columns that are read. Those after them have commas inside brackets and so more fields than names. */
const columns = ['Image Index', 'Finding Labels', 'Patient ID'] as const;

export interface LabelFile {
  readonly path: string;
  /** What it says of each image, by file name. */
  readonly rows: ReadonlyMap<string, LabelRow>;
}

export interface LabelRow {
  readonly patient: string;
  readonly findings: readonly string[];
}

/** UserError R2002 to R2004. */
export async function readLabelFile(folder: string, entries: readonly string[]): Promise<LabelFile> {
  const name = labelFileNames.find((one) => entries.includes(one));
  if (name === undefined) {
    throw new UserError('R2002', `The folder has no ${labelFileNames.join(' and no ')}.`, {
      place: folder,
      remedy: `Put ${labelFileNames[0]} into this folder; it is published with the images at ${source}.`,
    });
  }
  const path = join(folder, name);
  return { path, rows: parseLabels(await readText(path), path) };
}

function parseLabels(text: string, path: string): ReadonlyMap<string, LabelRow> {
  const [headerLine = '', ...lines] = textLines(text);
  const positions = columnPositions(headerLine, path);
  const rows = new Map<string, LabelRow>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const malformed = (message: string) =>
      new UserError('R2004', message, {
        place: `${path}:${index + 2}`,
        remedy: 'Mend or remove this row, or fetch the label file again.',
      });
    const fields = csvFields(line);
    const values = positions.map((position) => fields[position]?.trim() ?? '');
    const empty = columns.find((_, i) => values[i]?.replaceAll('|', '').trim() === '');
    if (empty !== undefined) throw malformed(`The row has no ${empty}.`);
    const [name = '', joined = '', patient = ''] = values;
    const findings = joined.split('|').map((finding) => finding.trim());
    const row = { patient, findings: findings.filter((finding) => finding !== '') };
    const before = rows.get(name);
    if (before !== undefined && String(Object.values(before)) !== String(Object.values(row)))
      throw malformed(`The image ${name} has another row with another patient or other findings.`);
    rows.set(name, row);
  }
  return rows;
}

function columnPositions(headerLine: string, path: string): readonly number[] {
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
  return columns.map((name) => header.indexOf(name));
}

/** UserError R2010 where one of `labels` is none of the data set. */
export function checkLabels(labels: readonly string[], { path, rows }: LabelFile): void {
  const known = new Set<string>(chestXray14Labels);
  for (const { findings } of rows.values()) for (const finding of findings) known.add(finding);
  known.delete(noFinding);
  for (const label of labels) {
    if (known.has(label)) continue;
    if (label === noFinding) {
      throw new UserError(
        'R2010',
        `"${noFinding}" says that no label is present; it is not a label itself.`,
        { place: path, remedy: `Take "${noFinding}" out of the model's labels.` },
      );
    }
    const nearest = nearestName(label, known);
    throw new UserError(
      'R2010',
      `The model has the label "${label}"; the data set has ${[...known].join(', ')}.`,
      {
        place: path,
        remedy:
          nearest === undefined ? "Use the data set's names in the model." : `Did you mean "${nearest}"?`,
      },
    );
  }
}
