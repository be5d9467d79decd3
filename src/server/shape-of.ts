import type { Val } from '../compiler/check/value.ts';
import { printType } from '../compiler/ir/tensor-type.ts';

/** The shape of a tensor, or of the tensors of a list; undefined for values that have none. */
export function shapeOf(val: Val): string | undefined {
  switch (val.kind) {
    case 'tensor':
      return printType(val.tensor.type);
    case 'list':
      return printType(val.list.type);
    case 'tuple':
    case 'items': {
      const shapes = val.items.map(shapeOf);
      return shapes.length === 0 || shapes.includes(undefined) ? undefined : `(${shapes.join(', ')})`;
    }
    default:
      return undefined;
  }
}
