import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of an operand that was broadcast: summed to the operand's shape.
 * @type {(gradient: tf.Tensor, operand: tf.Tensor) => tf.Tensor}
 */
export function reduceTo(gradient, operand) {
  const axes = tf.broadcast_util.getReductionAxes(operand.shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, operand.shape);
}
