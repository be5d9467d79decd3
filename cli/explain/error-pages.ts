import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codes } from '../../src/compiler/diagnostics/codes.ts';
import { errorCodes } from '../../src/runtime/error-codes.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';

/** What is to be said of a code, in Markdown. */
export interface ErrorPage {
  readonly code: string;
  readonly title: string;
  readonly markdown: string;
  /** Where this stands, relative to the package. */
  readonly documentation: string;
}

/** Codes of sources have a page each, those of files and data a row of one table. */
const filesAndData = 'docs/errors/files-and-data.md';

/** Every code with its title: first those of sources (N), then those of files and data (R). */
export function explainedCodes(): ReadonlyMap<string, string> {
  return new Map([...Object.entries(codes), ...Object.entries(errorCodes)]);
}

/** The page of a code of `explainedCodes`. */
export function errorPage(code: string): ErrorPage {
  const title = explainedCodes().get(code);
  if (title === undefined) throw new Error(`there is no code ${code}`);
  if (Object.hasOwn(errorCodes, code)) {
    const markdown = `# ${code}: ${title}\n\nUsual reasons: ${reasons(code)}.\n`;
    return { code, title, markdown, documentation: filesAndData };
  }
  const documentation = `docs/errors/${code}.md`;
  return { code, title, markdown: readPage(documentation), documentation };
}

function reasons(code: string): string {
  const rows = readPage(filesAndData).split('\n');
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const row = cells.find(([, first]) => first === code);
  if (row?.[3] === undefined) throw new Error(`${filesAndData} has no row for ${code}`);
  return row[3];
}

function readPage(path: string): string {
  try {
    return readFileSync(join(packageFolder(), path), 'utf8');
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
}

/** The folder above us that has the pages: we may lie in a bundle, a part of one, or the sources. */
function packageFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'docs/errors'))) return folder;
    if (dirname(folder) !== folder) continue;
    throw new UserError('R1001', 'The pages that explain errors are not there.', {
      place: 'docs/errors',
      remedy: 'Install netc whole: its package has the folder docs beside dist.',
    });
  }
}
