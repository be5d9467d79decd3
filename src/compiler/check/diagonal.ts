import type { Related } from '../diagnostics/diagnostic.ts';
import type { OpStatement, TensorValue, Value } from '../ir/module.ts';
import { axisNames, hasAxis, type Axis } from '../ir/tensor-type.ts';
import { contractOver, isDiagonal, type ContractAttributes } from '../ops/contract.ts';
import { listNames } from '../ops/axis-checks.ts';
import { equalSize, type Size } from '../shapes/size.ts';
import type { Context } from './context.ts';

/** What to add to a complaint of a missing axis that a `contract` has lost. */
export interface LostAxis {
  readonly related: readonly Related[];
  readonly help: string;
}

/** An axis that should be there; its size where it is declared. */
export interface MissingAxis {
  readonly name: string;
  readonly size?: Size;
}

interface Contraction {
  readonly statement: OpStatement;
  readonly right: TensorValue;
  readonly result: TensorValue;
}

/**
 * `contract(q, k, over: [D])` of two tensors with the same axes is the diagonal of what attention wants, `sum(q * k, over: [D])`:
 * keys need a name of their own for their places, `k |> rename(T -> S)`. That is no warning at the call, since a cosine
 * similarity of each sample is written just so, and no type tells the two apart. But whoever wanted all pairs will ask for
 * the axis that is not there, and then this says where it was lost.
 */
export function lostByDiagonal(
  cx: Context,
  values: readonly Value[],
  missing: readonly MissingAxis[],
): LostAxis | undefined {
  for (const value of values) {
    if (value.kind === 'list') continue;
    const [axis, more] = missing.filter(({ name }) => !hasAxis(value.type, name));
    if (axis === undefined || more !== undefined) continue;
    const found = contractionBehind(cx, value, axis.name);
    if (found !== undefined) return describe(cx, found, axis);
  }
  return undefined;
}

/**
 * The contraction that has lost an axis on the way to a value: one with the value's other axes, after which nothing but
 * elementwise operations come, or one that shares this axis, over which another contraction has summed since.
 */
function contractionBehind(cx: Context, value: TensorValue, axis: string): Contraction | undefined {
  const makers = new Map<number, OpStatement>();
  for (const statement of cx.region.statements) {
    if (statement.kind === 'op') for (const { id } of statement.outputs) makers.set(id, statement);
  }
  const seen = new Set<number>();
  const pending: { at: Value; isAlike: boolean; isSummed: boolean }[] = [
    { at: value, isAlike: true, isSummed: false },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { at } = next;
    const statement = makers.get(at.id);
    if (at.kind === 'list' || statement === undefined || seen.has(at.id)) continue;
    seen.add(at.id);
    const isAlike = next.isAlike && sameAxes(at, value);
    const found = diagonalOf(statement);
    if (found !== undefined) {
      const isNew = !hasAxis(found.right.type, axis);
      const isShared = hasAxis(found.result.type, axis);
      if ((isNew && isAlike) || (isShared && next.isSummed)) return found;
    }
    const isSummed = next.isSummed || sumsOver(statement, axis);
    for (const input of statement.inputs) pending.push({ at: input, isAlike, isSummed });
  }
  return undefined;
}

function sameAxes(a: TensorValue, b: TensorValue): boolean {
  return a.type.axes.length === b.type.axes.length && a.type.axes.every(({ name }) => hasAxis(b.type, name));
}

function diagonalOf(statement: OpStatement): Contraction | undefined {
  const [left, right] = statement.inputs;
  const [result] = statement.outputs;
  if (statement.op !== contractOver.name) return undefined;
  if (left?.kind !== 'tensor' || right?.kind !== 'tensor' || result?.kind !== 'tensor') return undefined;
  const attributes = statement.attributes as ContractAttributes;
  return isDiagonal(left.type, right.type, attributes) ? { statement, right, result } : undefined;
}

function sumsOver({ op, attributes }: OpStatement, axis: string): boolean {
  return (
    op === contractOver.name && (attributes as ContractAttributes).over.some(({ left }) => left === axis)
  );
}

function describe(cx: Context, { statement, right, result }: Contraction, missing: MissingAxis): LostAxis {
  const shared = listNames(axisNames(result.type));
  const message = `both sides go along ${shared} together here: one product for each, not for each pair`;
  const [from, to] = namesFor(result.type.axes, missing);
  const bound = cx.scope.lookup(right.hint)?.val;
  const side = bound?.kind === 'tensor' && bound.tensor.id === right.id ? right.hint : '...';
  return {
    related: [{ span: statement.span, message }],
    help: `if all pairs are meant, \`rename\` an axis of one side before the \`contract\`, as in \`${side} |> rename(${from} -> ${to})\``,
  };
}

/** Which axis to call otherwise, and how: of equal size where that is known; else not the first, which is the batch. */
function namesFor(shared: readonly Axis[], { name, size }: MissingAxis): readonly [from: string, to: string] {
  const names = shared.map((axis) => axis.name);
  if (names.includes(name)) return [name, ['S', 'M'].find((free) => !names.includes(free)) ?? `${name}2`];
  const equal = size && shared.findLast((axis) => equalSize(axis.size, size));
  return [equal?.name ?? names[1] ?? names[0] ?? name, name];
}
