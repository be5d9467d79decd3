import type { Value } from '../ir/module.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import { constant, variable } from '../shapes/size.ts';
import { assignedIn, bindElement, isOwnName, sizesOfType, type Slot } from './carried.ts';
import { isList, toIrList } from './lists.ts';
import { Scope } from './scope.ts';
import { assumeTurn, type SymbolicLoop } from './symbolic-loop.ts';
import { describe, type Val } from './value.ts';

/**
 * What a loop carries from turn to turn: the names that its body assigns and that exist before it, with their values
 * there. Undefined after a complaint.
 */
export function findSlots(loop: SymbolicLoop): readonly Slot[] | undefined {
  const { cx, statement } = loop;
  const slots: Slot[] = [];
  for (const name of assignedIn(statement.body.statements)) {
    const bound = isOwnName(statement, name) ? undefined : cx.scope.lookup(name);
    if (bound === undefined) continue;
    const { val, span } = bound;
    if (val.kind === 'poison') return undefined;
    if (val.kind === 'int') {
      slots.push({
        name,
        span,
        initial: { kind: 'int', size: val.size },
        start: [{ name: `${name}?`, what: `the integer \`${name}\``, size: val.size, min: undefined }],
      });
      continue;
    }
    const value = initialValue(loop, name, val);
    if (value === undefined) return undefined;
    slots.push({ name, span, initial: { kind: 'value', value }, start: sizesOfType(value.type, name) });
  }
  return slots;
}

function initialValue(loop: SymbolicLoop, name: string, val: Val): Value | undefined {
  const { cx, statement } = loop;
  if (val.kind === 'tensor') return val.tensor;
  if (val.kind === 'list') return val.list;
  if (val.kind !== 'items') {
    if (isList(val))
      return cx.error('N3012', statement.span, `the loop changes \`${name}\`, which is a hyper-parameter`);
    return cx.error('N4013', statement.span, `the loop changes \`${name}\`, which is ${describe(val)}`, {
      help: 'a loop carries tensors, lists of tensors and integers from turn to turn',
    });
  }
  const element = val.items.length === 0 ? elementAfterFirstTurn(loop, name) : undefined;
  if (val.items.length === 0 && element === undefined) return undefined;
  const since = cx.mark;
  const value = toIrList(cx, val, statement.span, element);
  if (value !== undefined) cx.nameValue(value, name, since);
  return value;
}

/** What an empty list comes to hold: the first turn is tried with the list as it is. */
function elementAfterFirstTurn(loop: SymbolicLoop, name: string): TensorType | undefined {
  const { cx, index, statement, turns } = loop;
  const attempt = cx.speculate(() => {
    assumeTurn(loop);
    cx.facts = cx.facts.assume(compare(variable(index), '==', constant(0)));
    cx.region = cx.region.loop(index);
    cx.localSize(index);
    cx.scope = new Scope(cx.scope);
    bindElement(cx, statement, turns.element(variable(index)), variable(index));
    cx.checkStatements(statement.body.statements);
    return cx.scope.lookup(name)?.val;
  });
  if (attempt.failed) {
    attempt.commit();
    return undefined;
  }
  attempt.rollback();
  const after = attempt.result;
  if (after?.kind === 'list') return after.list.type.element;
  const first = after?.kind === 'items' ? after.items[0] : undefined;
  if (first?.kind === 'tensor') return first.tensor.type;
  if (after?.kind === 'poison') return undefined;
  return cx.error('N3006', statement.span, `nothing says what the empty list \`${name}\` comes to hold`, {
    help: 'a loop carries lists of tensors; start with a list of one element',
  });
}
