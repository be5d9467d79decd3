/** Initial values of parameters, for callers inside the compiler; see generator.mjs for what it promises. */
export { fillInitial } from './generator.mjs';
export type { InitialSpec } from './generator.mjs';
