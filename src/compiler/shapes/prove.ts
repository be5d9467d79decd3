/** What the checker asks about sizes. How it is answered is in `prover.ts`, `normalize.ts` and `requirement.ts`. */
export { isProved, lowerBound, prove, proveEqual, upperBound } from './prover.ts';
export type { Verdict } from './prover.ts';
export { normalize } from './normalize.ts';
export { requirementFor } from './requirement.ts';
