import { compareGradients } from './compare-gradients.ts';
import { registerStockGradients } from './stock-gradients.ts';

/** Programs on tfjs-node have the library's gradients. */
compareGradients([
  { gradients: "TensorFlow.js' own gradients", backend: 'cpu', register: registerStockGradients },
]);
