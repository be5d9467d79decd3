import { registerGradients, useWasm } from '../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { compareGradients } from './compare-gradients.ts';

/** Programs on WASM and on the CPU backend have the gradients of the kernels that are copied beside them, and no others. */
compareGradients([
  { gradients: 'the gradients beside a program', backend: 'cpu', register: registerGradients },
  { gradients: 'the gradients beside a program on WASM', backend: 'wasm', register: useWasm },
]);
