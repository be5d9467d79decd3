import type { Value } from '../ir/module.ts';
import { findAxis, type ValueType } from '../ir/tensor-type.ts';
import type { Size } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { ForStmt, Statement } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { withInner } from './statement-parts.ts';
import { POISON, tensorVal, type Val } from './value.ts';

/** A name that a loop hands from turn to turn: a tensor or list of the IR, or an integer of compile time. */
export interface Slot {
  readonly name: string;
  readonly span: Span;
  readonly initial:
    { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'int'; readonly size: Size };
  /** The sizes it is made of before the first turn. */
  readonly start: readonly CarriedSize[];
}

export interface CarriedSize {
  /** What messages call it where it is opaque: `H?` for axis H. */
  readonly name: string;
  /** What it is, for who does not know that name: `the size of axis H of x`. */
  readonly what: string;
  readonly size: Size;
  /** What it is never below: 1 for an axis, 0 for the length of a list; nothing for an integer. */
  readonly min: number | undefined;
}

/** Names that statements bind, those of inner loops and branches too, but not what loops bind themselves. */
export function assignedIn(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of withInner(statements)) {
    if (statement.kind === 'BindStmt') for (const target of statement.targets) names.add(target.text);
  }
  return names;
}

/** Whether a name is the loop's own, so that an assignment to it ends with the turn. */
export function isOwnName({ element, index }: ForStmt, name: string): boolean {
  return name === element.text || name === index?.text;
}

export function toVal(value: Value): Val {
  return value.kind === 'list' ? { kind: 'list', list: value } : tensorVal(value);
}

/** The sizes that the type of a value is made of; `owner` is the name to which it is bound. */
export function sizesOfType(type: ValueType, owner: string): readonly CarriedSize[] {
  if (type.kind === 'list') {
    const length = { name: 'length?', what: `the length of \`${owner}\``, size: type.length, min: 0 };
    return [length, ...sizesOfType(type.element, owner)];
  }
  return type.axes.map(({ name, size }) => {
    const what = `the size of axis ${name} of \`${owner}\``;
    return { name: `${name}?`, what, size, min: 1 };
  });
}

/** The sizes of a value in the order of the slot's, if it has the same axes. */
export function sizesLike(slot: Slot, val: Val): readonly Size[] | undefined {
  if (slot.initial.kind === 'int') return val.kind === 'int' ? [val.size] : undefined;
  if (val.kind === 'tensor') return sizesInOrder(slot.initial.value.type, val.tensor.type);
  return val.kind === 'list' ? sizesInOrder(slot.initial.value.type, val.list.type) : undefined;
}

function sizesInOrder(like: ValueType, type: ValueType): readonly Size[] | undefined {
  if (like.kind === 'list') {
    const sizes = type.kind === 'list' ? sizesInOrder(like.element, type.element) : undefined;
    return sizes === undefined || type.kind !== 'list' ? undefined : [type.length, ...sizes];
  }
  if (type.kind === 'list' || like.dtype !== type.dtype || like.axes.length !== type.axes.length)
    return undefined;
  const sizes = like.axes.map(({ name }) => findAxis(type, name)?.size);
  return sizes.every((size) => size !== undefined) ? sizes : undefined;
}

/** A type with other sizes, in the order of {@link sizesOfType}. */
export function withSizes(type: ValueType, sizes: readonly Size[]): ValueType {
  if (type.kind === 'tensor') {
    return { ...type, axes: type.axes.map((axis, i) => ({ name: axis.name, size: sizes[i] ?? axis.size })) };
  }
  const [length = type.length, ...rest] = sizes;
  const element = withSizes(type.element, rest);
  return element.kind === 'tensor' ? { kind: 'list', element, length } : type;
}

/** Binds the names of the loop itself; they hide names of the surroundings and are not carried. */
export function bindElement(cx: Context, { element, index }: ForStmt, item: Val, turn: Size): void {
  cx.declare(element, item);
  if (index !== undefined) cx.declare(index, { kind: 'int', size: turn });
}

/** What a statement assigns is not known after a complaint about it. */
export function poisonAssigned(cx: Context, statement: Statement): void {
  for (const name of assignedIn([statement])) {
    const bound = cx.scope.lookup(name);
    if (bound !== undefined || statement.kind === 'BindStmt')
      cx.scope.bind(name, POISON, bound?.span ?? statement.span);
  }
}
