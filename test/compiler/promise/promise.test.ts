import { describe, it } from 'vitest';
import { breakPromise } from './break-promise.ts';
import { findNone } from './find-none.ts';
import { programs, type RandomProgram } from './program/random-program.ts';
import type { Target } from './run-targets.ts';

/*
 * The promise of the language: for inputs that satisfy the declared types and `where`s, an accepted program meets no
 * shape error. And its other half: what is right is accepted. `npm run bench -- promise` does this with thousands.
 */
describe('the promise', () => {
  const holds = (targets: readonly Target[], numRuns: number, seed: number): Promise<number> =>
    findNone(
      programs,
      (program) => breakPromise(program, targets),
      (program: RandomProgram) => program.source(),
      { numRuns, seed },
    );

  it('holds for random programs in the interpreter', () => holds([], 200, 20_250_711), 180_000);

  it(
    'holds for random programs in ONNX Runtime and TensorFlow.js',
    () => holds(['onnx', 'tfjs'], 120, 20_250_712),
    180_000,
  );
});
