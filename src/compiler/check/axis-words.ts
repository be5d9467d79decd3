const words: ReadonlySet<string> = new Set(['axis', 'axes', 'dim', 'dims', 'over', 'along']);

/** Whether arguments that name axes are called so, by other ops or in other libraries. */
export function isWordForAxes(name: string): boolean {
  return words.has(name.toLowerCase());
}
