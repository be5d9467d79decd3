/**
 * Writes `check -- -odd.net` as `check ./-odd.net`. What stands behind `--` are files, also where they begin with a dash; yargs
 * gives none of these words to a command that asks for files.
 */
export function nameDashedFiles(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  if (end < 0) return argv;
  const files = argv.slice(end + 1).map((word) => (word.startsWith('-') ? `./${word}` : word));
  return [...argv.slice(0, end), ...files];
}
