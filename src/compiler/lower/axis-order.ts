import { axisNames, hasAxis, type TensorType } from '../ir/tensor-type.ts';
import type { Attributes } from '../ops/attributes.ts';
import type { AxisOrder, Dialect, Op } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { evaluate, SizeError, type Size } from '../shapes/size.ts';
import { RankedPairs } from './ranked-pairs.ts';

/** One op at work somewhere in the program: all that the choice of an order looks at. */
export interface OpUse {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  /** Inputs, by index, that are parameters: those are stored in whatever order the op asks for, so they wish nothing. */
  readonly stored?: ReadonlySet<number>;
}

/** Sorts the names of a tensor's axes into the program's order, outermost first. */
export type SortAxes = (names: readonly string[]) => readonly string[];

/** What a size that is not a number counts for when wishes are weighed. */
const NOMINAL_SIZE = 16;

/**
 * Chooses one total order over all names of axes in a program, so that any two tensors have the axes they share in
 * the same relative order and broadcasting never has to move data.
 *
 * Ops wish for relative orders ({@link Op.prefers}, and what {@link Op.layout} demands whatever the program's order
 * is); a wish weighs as much as the tensors that would otherwise be transposed. What is still open
 * is decided by which name came first in `declared`, then in the uses.
 *
 * @param declared the types of inputs and outputs in the order of their axes that the user declared
 */
export function chooseAxisOrder(
  uses: readonly OpUse[],
  dialect: Dialect,
  declared: readonly TensorType[] = [],
): SortAxes {
  const wishes = new RankedPairs();
  for (const type of declared) wishes.mention(axisNames(type));
  for (const use of uses) {
    for (const type of [...use.inputs, ...use.outputs]) wishes.mention(axisNames(type));
  }
  for (const type of declared) wishes.addOrder(axisNames(type), elementEstimate(type));
  for (const use of uses) addWishesOf(use, dialect, wishes);
  passThroughRenames(uses, wishes);
  const rank = wishes.rank();
  // A name that occurs in no use comes last, in the order given.
  const rankOf = (name: string): number => rank.get(name) ?? rank.size;
  return (names) => names.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** The orders of one tensor that an op asks for, with `...` spread over the tensor's other axes in the given order. */
export function expandOrder(order: readonly string[], type: TensorType, sorted: SortAxes): readonly string[] {
  if (!order.includes('...')) return order;
  const rest = sorted(axisNames(type).filter((name) => !order.includes(name)));
  return order.flatMap((name) => (name === '...' ? rest : [name]));
}

function addWishesOf(use: OpUse, dialect: Dialect, wishes: RankedPairs): void {
  const op = opOf(use);
  const types = [...use.inputs, ...use.outputs];
  const preferred = op.prefers?.(use.inputs, use.attributes, use.outputs, dialect) ?? [];
  if (preferred.length > 0) {
    const heaviest = Math.max(1, ...types.map(elementEstimate));
    for (const order of preferred) wishes.addOrder(order, heaviest);
  }
  if (op.layout === undefined) return;
  // What a layout says under one order of the program and under the reverse of it, it says of its own accord.
  const forwards = (names: readonly string[]): readonly string[] => wishes.inOrderOfMention(names);
  const backwards = (names: readonly string[]): readonly string[] => forwards(names).toReversed();
  const [first, second] = [forwards, backwards].map((sorted) => {
    const layout = op.layout?.(use.inputs, use.attributes, use.outputs, dialect, sorted);
    const orders: readonly AxisOrder[] = [...(layout?.inputs ?? []), ...(layout?.outputs ?? [])];
    return orders.map((order, i) => {
      const type = types[i];
      return order === undefined || type === undefined ? undefined : expandOrder(order, type, sorted);
    });
  });
  types.forEach((type, i) => {
    if (use.stored?.has(i) === true) return;
    const [one, other] = [first?.[i], second?.[i]];
    if (one !== undefined && other !== undefined) wishes.addCommon(one, other, elementEstimate(type));
  });
}

/**
 * `rename` should not move data either: whatever the program wants of a new name, it then wants of the old one, and
 * the other way round. Without this the compiler's own `.out` of a linear map would know no place beside H and W.
 */
function passThroughRenames(uses: readonly OpUse[], wishes: RankedPairs): void {
  const inferred: { readonly before: string; readonly after: string; readonly weight: number }[] = [];
  const pass = (name: string, other: string, like: string, weight: number): void => {
    const wish = wishes.between(like, other);
    if (wish > 0) inferred.push({ before: name, after: other, weight });
    if (wish < 0) inferred.push({ before: other, after: name, weight });
  };
  for (const { op, inputs, outputs } of uses) {
    const [input, output] = [inputs[0], outputs[0]];
    if (op !== 'rename' || input === undefined || output === undefined) continue;
    const from = axisNames(input).filter((name) => !hasAxis(output, name));
    const to = axisNames(output).filter((name) => !hasAxis(input, name));
    if (from.length !== 1 || to.length !== 1) continue;
    const [oldName, newName] = [from[0] ?? '', to[0] ?? ''];
    for (const name of axisNames(output)) {
      if (name === newName) continue;
      pass(oldName, name, newName, elementEstimate(output));
      pass(newName, name, oldName, elementEstimate(output));
    }
  }
  for (const { before, after, weight } of inferred) wishes.addPair(before, after, weight);
}

function opOf(use: OpUse): Op {
  const op = ops.get(use.op);
  if (op === undefined) throw new Error(`there is no op ${use.op}`);
  return op;
}

function elementEstimate({ axes }: TensorType): number {
  return axes.reduce((product, { size }) => product * (size.value ?? sizeEstimate(size)), 1);
}

function sizeEstimate(size: Size): number {
  try {
    return Math.max(
      1,
      evaluate(size, () => NOMINAL_SIZE),
    );
  } catch (error) {
    // The nominal sizes need not satisfy what the program demands of them.
    if (error instanceof SizeError) return NOMINAL_SIZE;
    throw error;
  }
}
