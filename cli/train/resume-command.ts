import { writtenBudget } from '../memory-budget-option.ts';

export interface ResumeOptions {
  readonly data?: string | undefined;
  readonly model?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly provider?: string | undefined;
  /** In bytes. */
  readonly memoryBudget?: number | undefined;
}

/**
 * The command line that goes on with a run: with all that tells which run it is and what its steps are computed with, quoted for a
 * shell where need be.
 */
export function resumeCommand(
  file: string,
  folder: string,
  { data, model, set = [], provider = 'cpu', memoryBudget }: ResumeOptions,
): string {
  return [
    'netc',
    'train',
    file,
    ...(data === undefined ? [] : ['--data', data]),
    ...(model === undefined ? [] : ['--model', model]),
    ...set.flatMap((assignment) => ['--set', assignment]),
    ...(provider === 'cpu' ? [] : ['--provider', provider]),
    ...(memoryBudget === undefined ? [] : ['--memory-budget', writtenBudget(memoryBudget)]),
    '--out',
    folder,
    '--resume',
  ]
    .map(quoted)
    .join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
