import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runFiles } from '../../src/runtime/training/train.ts';

/**
 * Where a run goes that was given no place: `runs/NAME`, `runs/NAME-2` and so on, the first that has no run yet; to
 * resume, the last that has one.
 */
export function runFolder(name: string, resume: boolean): string {
  const folder = (number: number): string => join('runs', number === 1 ? name : `${name}-${number}`);
  let number = 1;
  while (existsSync(join(folder(number), runFiles.configuration))) number++;
  return folder(resume ? Math.max(1, number - 1) : number);
}
