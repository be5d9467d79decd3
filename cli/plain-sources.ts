/**
 * The sources of `netc check SOURCE...`, the line that editors and hooks run all day; undefined for every other. What ends
 * in `.net` and begins with no `-` is no option, and none of the words that yargs knows.
 */
export function plainSources(argv: readonly string[]): readonly string[] | undefined {
  const [command, ...words] = argv;
  const isPlain = command === 'check' && words.length > 0 && words.every(isSource);
  return isPlain ? words : undefined;
}

function isSource(word: string): boolean {
  return word.endsWith('.net') && !word.startsWith('-');
}
