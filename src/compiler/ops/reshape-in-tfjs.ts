import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import type { Size } from '../shapes/size.ts';
import { sameSizes } from './sizes-of.ts';

/** An expression of the shape `from` in the shape `to`: as it is where it has that already. */
export function reshapeInTfjs(
  e: TfjsEmitter,
  value: string,
  from: readonly Size[],
  to: readonly Size[],
): string {
  return sameSizes(from, to) ? value : `tf.reshape(${value}, ${e.shape(to)})`;
}
