import { describe, expect, it } from 'vitest';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import { breakMutant, type Fate } from './break-mutant.ts';
import { findNone } from './find-none.ts';
import { mutants, textMutants } from './mutants.ts';
import type { Target } from './run-targets.ts';

/*
 * What was right and is changed is refused when it is compiled, or runs with consistent shapes on all targets.
 * `npm run bench -- hostile` does this with many more, and with what never was right.
 */
describe('mutated programs', () => {
  const look = (targets: readonly Target[], fates: Map<Fate, number>) => async (source: string) => {
    const path = 'mutant.net';
    const { fate, finding } = await breakMutant(path, memoryReader({ [path]: source }), source, targets);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    return finding;
  };
  const same = (source: string): string => source;

  it('with mistakes are refused or run', async () => {
    const fates = new Map<Fate, number>();
    await findNone(mutants, look(['onnx', 'tfjs'], fates), same, { numRuns: 150, seed: 31 });
    // Both happen, so that both were tested.
    expect(fates.get('refused')).toBeGreaterThan(40);
    expect(fates.get('run')).toBeGreaterThan(15);
  }, 180_000);

  it('with changed texts are refused or run', async () => {
    const fates = new Map<Fate, number>();
    await findNone(textMutants, look([], fates), same, { numRuns: 250, seed: 32 });
    expect(fates.get('refused')).toBeGreaterThan(150);
  }, 180_000);
});
