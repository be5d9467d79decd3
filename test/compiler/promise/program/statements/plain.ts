import type { BlockWriter } from '../block-writer.ts';
import type { Statement } from '../statement.ts';
import { isPart, isSameShape, withoutAxes, type Tensor } from '../tensor.ts';
import { isSame } from '../size-expression.ts';
import * as arranging from './arranging.ts';
import * as elementwise from './elementwise.ts';
import * as maps from './maps.ts';
import * as masks from './masks.ts';
import * as windows from './windows.ts';

/** Statements that contain no others. The simplest come first: programs shrink to them. */
export const plain: readonly Statement[] = [
  elementwise.activation,
  elementwise.combined,
  elementwise.broadcast,
  maps.linear,
  maps.conv,
  windows.reduction,
  windows.pool,
  arranging.slice,
  arranging.pad,
  arranging.rename,
  arranging.joined,
  arranging.moved,
  arranging.merge,
  arranging.factor,
  arranging.halves,
  arranging.resize,
  arranging.depth,
  arranging.asserted,
  elementwise.numbers,
  elementwise.rebound,
  elementwise.shared,
  maps.normalised,
  maps.linearOfSeveral,
  maps.oddConv,
  maps.convTranspose,
  maps.attention,
  maps.parameter,
  masks.compared,
  masks.kept,
  masks.looked,
  masks.counted,
  windows.poolToTheEnd,
  windows.adaptivePool,
  windows.nestedFloors,
];

/** Writes one of the statements, or the next that fits. */
export function writeOneOf(b: BlockWriter, statements: readonly Statement[]): boolean {
  const first = b.choices.below(statements.length);
  for (let i = 0; i < statements.length; i++) {
    if (statements[(first + i) % statements.length]?.(b) === true) return true;
  }
  return false;
}

/** Writes a few plain statements and brings what they make into the shape of a value: `x + tanh(mean of it)`. */
export function change(b: BlockWriter, x: Tensor): string {
  for (let count = b.choices.between(1, 2); count > 0; count--) writeOneOf(b, plain);
  const made =
    b.values.findLast(({ dtype, rest }) => dtype === 'f32' && (rest === undefined || rest === x.rest)) ?? x;
  if (isSameShape(made, x)) return `${x.name} + tanh(${made.name})`;
  const strange = [...made.axes].filter(([name, size]) => {
    const own = x.axes.get(name);
    return own === undefined || !isSame(own, size);
  });
  const over = strange.map(([name]) => name);
  const left = withoutAxes(made, over);
  if (!isPart(left, x)) return `tanh(${x.name})`;
  return over.length === 0
    ? `${x.name} + tanh(${made.name})`
    : `${x.name} + tanh(mean(${made.name}, over: [${over.join(', ')}]))`;
}
