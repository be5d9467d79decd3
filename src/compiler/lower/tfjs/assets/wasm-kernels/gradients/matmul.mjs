/** The gradient of a product of matrices, whose batch may be broadcast. */

import * as tf from '@tensorflow/tfjs-core';
import { reduceTo } from './reduce-to.mjs';

/** @import { GradientEntry } from './gradient.mjs' */

/** @type {Record<string, GradientEntry>} */
export const matmul = {
  BatchMatMul: {
    save: ['a', 'b'],
    gradient: (dy, [a, b], { transposeA: ta, transposeB: tb }) => ({
      a: () => reduceTo(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a),
      b: () => reduceTo(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b),
    }),
  },
};
