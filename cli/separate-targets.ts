/** The targets that `netc build` knows. */
export const targets = ['onnx', 'tfjs', 'onnx-train'] as const;

/** Those that it builds where nobody says which. */
export const defaultTargets: readonly Target[] = ['onnx', 'tfjs'];

export type Target = (typeof targets)[number];

export function isTarget(word: string): word is Target {
  return targets.some((target) => target === word);
}

/**
 * Writes `--target onnx tfjs FILE` as `--target onnx --target tfjs FILE`. An option that takes several words would
 * swallow the file after it, so that only words which name a target are counted to it.
 */
export function separateTargets(argv: readonly string[]): string[] {
  const out: string[] = [];
  let within = false;
  for (const word of argv) {
    if (within && isTarget(word) && out.at(-1) !== '--target') out.push('--target');
    within = word === '--target' || (within && isTarget(word));
    out.push(word);
  }
  return out;
}
