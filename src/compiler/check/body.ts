import type { TensorValue } from '../ir/module.ts';
import { axisNames, findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import type { Reason } from '../ops/op.ts';
import { compare, varsOf, type Prop } from '../shapes/prop.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { demandEqual, isEqual, missingDivisibility, notesOnEqualities } from './demands.ts';
import { Scope } from './scope.ts';
import type { Signature } from './signature.ts';
import { checkStatements, guarded, named, splitReturn } from './statements.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

/** What a body makes of its inputs; the statements are in the region of the context. */
export interface CheckedBody {
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly TensorValue[];
}

/**
 * Checks the body of a block between its inputs and its `return`; undefined after a complaint. Without a signature
 * (its header has mistakes) the inputs are not known.
 */
export function checkBody(
  cx: Context,
  decl: BlockDecl,
  signature: Signature | undefined,
): CheckedBody | undefined {
  const inputs = declareInputs(cx, decl, signature);
  cx.scope = new Scope(cx.scope);
  const { statements, value } = splitReturn(decl.body);
  checkStatements(cx, statements);
  if (value === undefined) {
    return cx.error('N3009', decl.name.span, `\`${decl.name.text}\` does not return anything`, {
      help: 'end its body with `return ...`',
    });
  }
  let outputs: TensorValue[] | undefined;
  guarded(cx, value, () => {
    const returned = named(cx, undefined, value, () => cx.evaluate(value));
    if (signature !== undefined) outputs = checkReturn(cx, decl, signature, returned, value.span);
  });
  return outputs === undefined ? undefined : { inputs, outputs };
}

function declareInputs(
  cx: Context,
  decl: BlockDecl,
  signature: Signature | undefined,
): readonly TensorValue[] {
  const inputs: TensorValue[] = [];
  for (const [i, { name }] of decl.inputs.entries()) {
    const before = cx.scope.lookup(name.text);
    if (before !== undefined) {
      cx.error(
        'N2002',
        name.span,
        `\`${name.text}\` is the name of two things that \`${decl.name.text}\` is given`,
        {
          related: [{ span: before.span, message: 'this is the other' }],
        },
      );
    }
    const type = signature?.inputs[i]?.type;
    if (type === undefined) {
      cx.scope.bind(name.text, POISON, name.span);
      continue;
    }
    const value = cx.tensor(name.text, type, name.span);
    inputs.push(value);
    cx.scope.bind(name.text, tensorVal(value), name.span);
  }
  return inputs;
}

function checkReturn(
  cx: Context,
  decl: BlockDecl,
  signature: Signature,
  returned: Val,
  span: Span,
): TensorValue[] | undefined {
  if (returned.kind === 'poison') return undefined;
  const values = returned.kind === 'tuple' ? returned.items : [returned];
  const wanted = signature.outputs.length;
  if (values.length !== wanted) {
    const declares = `declares ${wanted} output${wanted === 1 ? '' : 's'}`;
    return cx.error('N3008', span, `\`${decl.name.text}\` ${declares} and returns ${values.length}`);
  }
  const outputs: TensorValue[] = [];
  for (const [i, val] of values.entries()) {
    const declared = signature.outputs[i];
    if (val.kind === 'poison' || declared === undefined) return undefined;
    if (val.kind !== 'tensor') {
      const help = val.kind === 'instance' ? { help: 'call it: `f(...)(x)`' } : {};
      return cx.error('N3006', span, `a block returns tensors, not ${describe(val)}`, help);
    }
    if (!returnsAs(cx, declared, val.tensor, decl, i, span)) return undefined;
    outputs.push(val.tensor);
  }
  return outputs;
}

function returnsAs(
  cx: Context,
  declared: TensorType,
  value: TensorValue,
  decl: BlockDecl,
  i: number,
  span: Span,
): boolean {
  const name = `\`${decl.name.text}\``;
  const reason = (): string => `${name} declares that it returns ${printType(declared)}`;
  if (conforms(cx, declared, value.type, span, reason)) return true;
  const place = decl.outputs[i]?.span ?? decl.span;
  const equalities = differingSizes(cx, declared, value.type);
  const help = missingDivisibility(cx, equalities);
  cx.error('N4008', span, `${name} returns another shape than it declares`, {
    related: [
      { span: place, message: `declared here as ${printType(declared)}` },
      ...cx.placesOf([value], span),
      ...cx.originsOf(new Set(equalities.flatMap(varsOf))),
    ],
    notes: [
      `declared: ${printType(declared)}`,
      `returned: ${printType(value.type)}`,
      ...differences(cx, declared, value.type),
      ...notesOnEqualities(cx, equalities),
    ],
    ...(help === undefined ? {} : { help }),
  });
  return false;
}

/** Whether a tensor has a declared type as far as can be known here; what is left open becomes a check (N4008). */
export function conforms(
  cx: Context,
  declared: TensorType,
  actual: TensorType,
  span: Span,
  reason: Reason,
): boolean {
  if (declared.dtype !== actual.dtype || declared.axes.length !== actual.axes.length) return false;
  return declared.axes.every((axis) => {
    const other = findAxis(actual, axis.name);
    return other !== undefined && demandEqual(cx, other.size, axis.size, 'N4008', span, reason);
  });
}

/** In which respects two types differ, a sentence each. */
export function differences(cx: Context, declared: TensorType, actual: TensorType): string[] {
  const notes: string[] = [];
  if (declared.dtype !== actual.dtype) notes.push(`the elements are ${actual.dtype}, not ${declared.dtype}`);
  for (const axis of declared.axes) {
    const other = findAxis(actual, axis.name);
    if (other === undefined) notes.push(`axis ${axis.name} is missing`);
    else if (!isEqual(cx, axis.size, other.size)) notes.push(`axis ${axis.name} differs`);
  }
  const undeclared = axisNames(actual).filter((name) => findAxis(declared, name) === undefined);
  return [...notes, ...undeclared.map((name) => `axis ${name} is not declared`)];
}

/** That the sizes are equal which are not shown to be. */
function differingSizes(cx: Context, declared: TensorType, actual: TensorType): readonly Prop[] {
  return declared.axes.flatMap((axis) => {
    const other = findAxis(actual, axis.name);
    if (other === undefined || isEqual(cx, axis.size, other.size)) return [];
    return [compare(other.size, '==', axis.size)];
  });
}
