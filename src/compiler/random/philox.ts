/** The counter-based generator, for callers inside the compiler; see generator.mjs for what it promises. */
export { fillWords, keyOf, normalQuantile, permutation, philox4x32, uniforms } from './generator.mjs';
export type { PhiloxCounter, PhiloxKey } from './generator.mjs';
