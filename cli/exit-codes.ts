/** What the exit code of `netc` says; documented in `netc --help` and docs/exit-codes.md. */
export const exitCodes = {
  ok: 0,
  source: 1,
  usage: 2,
  files: 3,
  verification: 4,
  data: 5,
  internal: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One line for each code, for the help and for the page of the documentation. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.ok, 'all is well'],
  [exitCodes.source, 'a source has errors (with fmt --check: is not formatted)'],
  [exitCodes.usage, 'the command line is wrong'],
  [exitCodes.files, 'a file or folder cannot be read or written'],
  [exitCodes.verification, 'the targets of a build do not agree'],
  [exitCodes.data, 'an image, a data set or a weights file is bad'],
  [exitCodes.internal, 'a bug in netc'],
  [130, 'interrupted (SIGINT)'],
  [143, 'terminated (SIGTERM)'],
];
