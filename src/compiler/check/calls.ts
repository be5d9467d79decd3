import type { Span } from '../source/span.ts';
import { abstractOutputs, callAbstract } from './abstract-call.ts';
import { callBlock } from './block-call.ts';
import { conforms } from './body.ts';
import type { Context } from './context.ts';
import { applyOp } from './op-call.ts';
import { describe, instanceName, POISON, type Instance, type Val } from './value.ts';
import { printType } from '../ir/tensor-type.ts';

export type NamedOperands = ReadonlyMap<string, { readonly val: Val; readonly span: Span }>;

/** `instance(operands)`. */
export function callInstance(
  cx: Context,
  instance: Instance,
  operands: readonly Val[],
  span: Span,
  named: NamedOperands = new Map(),
): Val {
  const given = [...operands, ...[...named.values()].map(({ val }) => val)];
  if (given.some((operand) => operand.kind === 'poison')) return POISON;
  switch (instance.of) {
    case 'op':
      return asPromised(cx, instance, operands, applyOp(cx, instance, operands, named, span), span);
    case 'block':
      return asPromised(cx, instance, operands, callBlock(cx, instance, operands, named, span), span);
    case 'abstract':
      return callAbstract(cx, instance, operands, named, span);
  }
}

/**
 * Holds a block that came as a hyper-parameter to the signature with which the parameter was declared: that is all
 * that the definition of the block around it has known.
 */
function asPromised(cx: Context, instance: Instance, operands: readonly Val[], result: Val, span: Span): Val {
  const { promise } = instance;
  if (promise === undefined || result.kind === 'poison') return result;
  const wanted = abstractOutputs(cx, promise.type, promise.name, operands, span);
  if (wanted === undefined) return POISON;
  const results = result.kind === 'tuple' ? result.items : [result];
  const declared = `\`${promise.name}\` is declared to return ${wanted.map(printType).join(' and ')}`;
  const isKept =
    results.length === wanted.length &&
    wanted.every((type, i) => {
      const val = results[i];
      return val?.kind === 'tensor' && conforms(cx, type, val.tensor.type, span, declared);
    });
  if (isKept) return result;
  const given = `\`${instanceName(instance)}\`, given for \`${promise.name}\`,`;
  cx.error('N4008', span, `${given} does not return what is declared`, {
    related: [{ span: promise.type.span, message: 'declared here' }],
    notes: [declared, `it returns ${results.map(describe).join(' and ')}`],
  });
  return POISON;
}
