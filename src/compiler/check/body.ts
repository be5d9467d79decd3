import type { TensorValue } from '../ir/module.ts';
import { findAxis, hasAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { axesOf } from '../ops/axis-checks.ts';
import type { Reason } from '../ops/op.ts';
import { compare, varsOf } from '../shapes/prop.ts';
import { print } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { endWith } from './end-with.ts';
import { demandEqual, isEqual, missingDivisibility, notesOnEqualities } from './demands.ts';
import { lostByDiagonal } from './diagonal.ts';
import { Scope } from './scope.ts';
import { samePadding } from './same-padding.ts';
import type { Signature } from './signature.ts';
import { checkStatements, guarded, named, splitReturn } from './statements.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';
import type { Remedy } from './where-remedy.ts';

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
      ...endWith('return', decl.body, cx.module.source),
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
      cx.declare(name, POISON);
      continue;
    }
    const value = cx.tensor(name.text, type, name.span);
    inputs.push(value);
    cx.declare(name, tensorVal(value), true);
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
  const difference = differenceOf(cx, declared, value.type);
  const equalities = difference.unequal.map(([wanted, found]) => compare(found.size, '==', wanted.size));
  // An axis too few and another too many go by two names.
  const lost = difference.undeclared.length > 0 ? undefined : lostByDiagonal(cx, [value], difference.missing);
  cx.error('N4008', span, `${name} returns another shape than it declares`, {
    related: [
      { span: place, message: `declared here as ${printType(declared)}` },
      ...cx.placesOf([value], span),
      ...cx.originsOf(new Set(equalities.flatMap(varsOf))),
      ...(lost?.related ?? []),
    ],
    notes: [
      `declared: ${printType(declared)}`,
      `returned: ${printType(value.type)}`,
      ...sentences(difference, declared, value.type),
      ...notesOnEqualities(cx, equalities),
    ],
    ...(missingDivisibility(cx, equalities, span) ??
      (lost && { help: lost.help }) ??
      helpForReturn(cx, decl, declared, difference)),
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

/** In what a returned type differs from the declared one. */
interface Difference {
  readonly missing: readonly Axis[];
  readonly undeclared: readonly Axis[];
  /** Declared and returned. */
  readonly unequal: readonly (readonly [Axis, Axis])[];
}

function differenceOf(cx: Context, declared: TensorType, actual: TensorType): Difference {
  return {
    missing: declared.axes.filter(({ name }) => !hasAxis(actual, name)),
    undeclared: actual.axes.filter(({ name }) => !hasAxis(declared, name)),
    unequal: declared.axes.flatMap((axis): (readonly [Axis, Axis])[] => {
      const other = findAxis(actual, axis.name);
      return other === undefined || isEqual(cx, axis.size, other.size) ? [] : [[axis, other]];
    }),
  };
}

function sentences({ missing, undeclared, unequal }: Difference, declared: TensorType, actual: TensorType) {
  const about = (axes: readonly Axis[], one: string, several: string): string[] =>
    axes.length === 0 ? [] : [`${axesOf(axes.map(({ name }) => name))} ${axes.length === 1 ? one : several}`];
  return [
    ...(declared.dtype === actual.dtype ? [] : [`the elements are ${actual.dtype}, not ${declared.dtype}`]),
    ...about(unequal.map(([axis]) => axis), 'differs', 'differ'), // prettier-ignore
    ...about(missing, 'is missing', 'are missing'),
    ...about(undeclared, 'is not declared', 'are not declared'),
  ];
}

function helpForReturn(
  cx: Context,
  decl: BlockDecl,
  declared: TensorType,
  { missing, undeclared, unequal }: Difference,
): Partial<Remedy> {
  const [wanted, moreWanted] = missing;
  const names = undeclared.map(({ name }) => name).join(', ');
  if (wanted !== undefined && moreWanted === undefined && undeclared.length === 1) {
    const [found] = undeclared;
    if (found !== undefined && isEqual(cx, wanted.size, found.size))
      return { help: `\`rename(${found.name} -> ${wanted.name})\` makes the one of the other` };
  }
  if (undeclared.length > 0 && missing.length === 0)
    return {
      help: `reduce what is too much, as in \`mean(over: [${names}])\`, merge it into another axis, or declare it`,
    };
  if (unequal.length === 0 || missing.length > 0) return {};
  // The first axis is most often the batch: where it differs along with others, the body is not right.
  if (unequal.length > 1 && unequal.some(([{ name }]) => name === declared.axes[0]?.name)) return {};
  const sizes = unequal.map(([, { name, size }]) => `${name}: ${print(size)}`).join(', ');
  const same = samePadding(cx, decl.body, unequal);
  return same === undefined
    ? { help: `if the body is right, declare \`${sizes}\`` }
    : { ...same, help: `${same.help}; if the body is right, declare \`${sizes}\`` };
}
