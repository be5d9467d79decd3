import type { ListValue } from '../ir/module.ts';
import { axisNames, findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import { and, compare } from '../shapes/prop.ts';
import { add, constant, isConstant, print, sub, type Size } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import { LIMITS } from './complaints.ts';
import type { Context } from './context.ts';
import { demand, demandEqual } from './demands.ts';
import { unknownElement } from './unknown.ts';
import { describe, POISON, tensorVal, type ItemsVal, type Val } from './value.ts';

const ZERO = constant(0);
const ONE = constant(1);
const ALIKE = 'the elements of a list must be alike in shape';

/** `list[i]`. */
export function indexList(cx: Context, list: Val, at: Size, span: Span): Val {
  if (list.kind === 'items') {
    const index = isConstant(at);
    if (index === undefined) {
      const ir = toIrList(cx, list, span);
      return ir === undefined ? POISON : indexList(cx, { kind: 'list', list: ir }, at, span);
    }
    const item = list.items[index];
    if (item !== undefined) return item;
    return noElement(cx, list.items.length, index, span);
  }
  if (list.kind === 'list') {
    const { element, length } = list.list.type;
    const [known, index] = [isConstant(length), isConstant(at)];
    if (known !== undefined && index !== undefined && index >= known) {
      return noElement(cx, known, index, span);
    }
    const inside = and(compare(at, '>=', ZERO), compare(at, '<', length));
    const help = `the first is number 0, and the last ${print(sub(length, ONE))}`;
    if (!demand(cx, inside, 'N4011', span, 'the index must lie inside the list', () => ({ help })))
      return POISON;
    const output = cx.tensor(list.list.hint, element, span);
    cx.region.statements.push({ kind: 'get', list: list.list, index: at, output, span });
    return tensorVal(output);
  }
  if (list.kind === 'unknownList') return unknownElement(cx, list, span);
  const help = 'a part of an axis is taken by `slice(T, start: 0, stop: 1)`, and `mean` and others reduce it';
  cx.error('N3006', span, `${describe(list)} has no elements`, list.kind === 'tensor' ? { help } : {});
  return POISON;
}

function noElement(cx: Context, length: number, index: number, span: Span): Val {
  const help = length === 0 ? {} : { help: `the first is number 0, and the last ${length - 1}` };
  cx.error('N4011', span, `the list has ${count(length)}, so there is no element ${index}`, help);
  return POISON;
}

/** `list[from..to]`; `end` is the end of the list. */
export function sliceList(cx: Context, list: Val, from: Size, to: Size | 'end', span: Span): Val {
  if (list.kind === 'items') {
    const low = isConstant(from);
    const high = to === 'end' ? list.items.length : isConstant(to);
    if (low !== undefined && high !== undefined) {
      if (low >= 0 && low <= high && high <= list.items.length)
        return { kind: 'items', items: list.items.slice(low, high) };
      cx.error(
        'N4011',
        span,
        `the list has ${count(list.items.length)}, so ${low}..${high} is not a part of it`,
      );
      return POISON;
    }
    const ir = toIrList(cx, list, span);
    return ir === undefined ? POISON : sliceList(cx, { kind: 'list', list: ir }, from, to, span);
  }
  if (list.kind === 'list') {
    const { element, length } = list.list.type;
    const end = to === 'end' ? length : to;
    const inside = and(compare(from, '>=', ZERO), compare(from, '<=', end), compare(end, '<=', length));
    if (!demand(cx, inside, 'N4011', span, 'the part must lie inside the list')) return POISON;
    const output = cx.list(list.list.hint, { kind: 'list', element, length: sub(end, from) }, span);
    cx.region.statements.push({ kind: 'slice', list: list.list, from, to: end, output, span });
    return { kind: 'list', list: output };
  }
  if (list.kind === 'unknownList') {
    const length = sub(to === 'end' ? list.length : to, from);
    return { ...list, length };
  }
  cx.error('N3006', span, `${describe(list)} has no parts`);
  return POISON;
}

/** `a ++ b`. */
export function appendLists(cx: Context, left: Val, right: Val, span: Span): Val {
  if (left.kind === 'items' && right.kind === 'items') {
    if (!hasRoom(cx, left.items.length + right.items.length, span)) return POISON;
    return { kind: 'items', items: left.items.concat(right.items) };
  }
  if (!isList(left) || !isList(right)) {
    cx.error('N3007', span, `\`++\` joins lists, not ${describe(isList(left) ? right : left)}`, {
      help: 'write `list ++ [element]` to add one element',
    });
    return POISON;
  }
  if (left.kind === 'unknownList' || right.kind === 'unknownList') {
    const unknown = left.kind === 'unknownList' ? left : right;
    if (unknown.kind !== 'unknownList') return POISON;
    const lengths = add(lengthOf(left), lengthOf(right));
    return { ...unknown, length: lengths };
  }
  const element =
    left.kind === 'list'
      ? left.list.type.element
      : right.kind === 'list'
        ? right.list.type.element
        : undefined;
  const a = toIrList(cx, left, span, element);
  const b = toIrList(cx, right, span, element);
  if (a === undefined || b === undefined) return POISON;
  if (!sameType(cx, a.type.element, b.type.element, span)) {
    cx.error('N4014', span, 'the elements of the two lists differ in shape', {
      related: cx.placesOf([a, b], span),
      notes: [`left: ${printType(a.type.element)}`, `right: ${printType(b.type.element)}`],
      help: 'tensors that are to be joined need no list: `y = concat([y, new], along: C)` joins one in each turn',
    });
    return POISON;
  }
  const length = add(a.type.length, b.type.length);
  const output = cx.list(a.hint, { kind: 'list', element: a.type.element, length }, span);
  cx.region.statements.push({ kind: 'append', left: a, right: b, output });
  return { kind: 'list', list: output };
}

/** Whether a list that is known element by element may have this many; complains where it may not. */
export function hasRoom(cx: Context, length: number, span: Span): boolean {
  const { elements } = LIMITS;
  if (length > elements)
    cx.error('N6001', span, `a list would have ${length} elements, and ${elements} is the most`);
  return length <= elements;
}

export function isList(val: Val): val is Extract<Val, { kind: 'items' | 'list' | 'unknownList' }> {
  return val.kind === 'items' || val.kind === 'list' || val.kind === 'unknownList';
}

export function lengthOf(val: Extract<Val, { kind: 'items' | 'list' | 'unknownList' }>): Size {
  if (val.kind === 'items') return constant(val.items.length);
  return val.kind === 'list' ? val.list.type.length : val.length;
}

/** A list of known tensors as a list of the IR, for which all must have one type. */
export function toIrList(
  cx: Context,
  val: ItemsVal | Extract<Val, { kind: 'list' }>,
  span: Span,
  elementOfEmpty?: TensorType,
): ListValue | undefined {
  if (val.kind === 'list') return val.list;
  const tensors = [];
  for (const item of val.items) {
    if (item.kind !== 'tensor') {
      return cx.error(
        'N3006',
        span,
        `a list of tensors is needed here; one of its elements is ${describe(item)}`,
      );
    }
    tensors.push(item.tensor);
  }
  const element = tensors[0]?.type ?? elementOfEmpty;
  if (element === undefined) {
    return cx.error('N3006', span, 'nothing says what the empty list would hold', {
      help: 'start with a list of one element',
    });
  }
  for (const tensor of tensors) {
    if (!sameType(cx, element, tensor.type, span)) {
      return cx.error(
        'N4014',
        span,
        'the elements of the list differ in shape, and here they must be alike',
        {
          related: cx.placesOf([tensors[0] ?? tensor, tensor], span),
          notes: [`the first is ${printType(element)}`, `another is ${printType(tensor.type)}`],
        },
      );
    }
  }
  const output = cx.list('list', { kind: 'list', element, length: constant(tensors.length) }, span);
  cx.region.statements.push({ kind: 'list', items: tensors, output });
  return output;
}

/** Whether two elements of a list have the same axes, of the same sizes, and one element type; order does not count. */
function sameType(cx: Context, a: TensorType, b: TensorType, span: Span): boolean {
  if (a.dtype !== b.dtype || a.axes.length !== b.axes.length) return false;
  return axisNames(a).every((name) => {
    const x = findAxis(a, name);
    const y = findAxis(b, name);
    return x !== undefined && y !== undefined && demandEqual(cx, x.size, y.size, 'N4014', span, ALIKE);
  });
}

function count(n: number): string {
  return n === 1 ? '1 element' : `${n} elements`;
}
