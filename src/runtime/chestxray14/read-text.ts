import { readFile } from 'node:fs/promises';
import { fromSystem } from '../system-errors.ts';

/** A text file in UTF-8. UserError R1001 or R1002. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
}
