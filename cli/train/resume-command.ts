export interface ResumeOptions {
  readonly data?: string | undefined;
  readonly model?: string | undefined;
  readonly set?: readonly string[] | undefined;
}

/** The command line that goes on with a run: with all that tells which run it is, quoted for a shell where need be. */
export function resumeCommand(
  file: string,
  folder: string,
  { data, model, set = [] }: ResumeOptions,
): string {
  return [
    'netc',
    'train',
    file,
    ...(data === undefined ? [] : ['--data', data]),
    ...(model === undefined ? [] : ['--model', model]),
    ...set.flatMap((assignment) => ['--set', assignment]),
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
