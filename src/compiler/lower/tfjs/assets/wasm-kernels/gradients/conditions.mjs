import * as tf from '@tensorflow/tfjs-core';

/** 1 where the condition holds, else 0. @type {(condition: tf.Tensor) => tf.Tensor} */
export const asFloat = (condition) => tf.cast(condition, 'float32');

/** dy where the condition holds, else 0. @type {(condition: tf.Tensor, dy: tf.Tensor) => tf.Tensor} */
export const keepWhere = (condition, dy) => tf.where(condition, dy, tf.zerosLike(dy));
