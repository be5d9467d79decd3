import type { Span } from '../source/span.ts';
import { callBlock } from './block-call.ts';
import type { Context } from './context.ts';
import { applyOp } from './op-call.ts';
import { callAbstract } from './abstract-call.ts';
import { POISON, type Instance, type Val } from './value.ts';

export type NamedOperands = ReadonlyMap<string, { readonly val: Val; readonly span: Span }>;

/** `instance(operands)`. */
export function callInstance(
  cx: Context,
  instance: Instance,
  operands: readonly (Val | undefined)[],
  span: Span,
  named: NamedOperands = new Map(),
): Val {
  if (operands.some((operand) => operand?.kind === 'poison')) return POISON;
  switch (instance.of) {
    case 'op':
      return applyOp(cx, instance, operands, named, span);
    case 'block':
      return callBlock(cx, instance, operands, named, span);
    case 'abstract':
      return callAbstract(cx, instance, operands, span);
  }
}
