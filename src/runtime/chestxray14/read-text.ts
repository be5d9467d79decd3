import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { fromSystem } from '../system-errors.ts';

/**
 * A text file in UTF-8. UserError R1001 or R1002, the latter also for what holds zero bytes: UTF-16, as the shell of Windows
 * writes it, or a spreadsheet. Letters of another encoding pass, since names of images and findings have none.
 */
export async function readText(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
  if (!text.includes('\0')) return text;
  throw new UserError('R1002', 'This is not text in UTF-8.', {
    place: path,
    remedy: 'Save it as plain text in UTF-8.',
  });
}
