import type { Axis } from './tensor-type.ts';
import { isConstant } from '../shapes/size.ts';

/** The lengths of axes that are all known; throws where one is not. */
export function sizeNumbers(axes: readonly Axis[]): readonly number[] {
  return axes.map(({ name, size }) => {
    const value = isConstant(size);
    if (value === undefined) throw new Error(`the length of axis ${name} is not known`);
    return value;
  });
}
