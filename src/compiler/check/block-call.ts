import type { DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import type { CallStatement, Requirement, TensorValue } from '../ir/module.ts';
import { castTo } from '../ops/cast.ts';
import { expandOver } from '../ops/expand.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import { negate, or, substitute as substituteProp, varsOf } from '../shapes/prop.ts';
import { print, SizeError, substitute, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { NamedOperands } from './calls.ts';
import type { Context } from './context.ts';
import { constantTruth, demand, mayBeEqual } from './demands.ts';
import { emitOne, scalar } from './emit.ts';
import { actualType, matchAxes, matchSizes, type Match } from './match.ts';
import type { Signature, SignatureInput } from './signature.ts';
import { describe, POISON, tensorVal, type Instance, type Val } from './value.ts';

type BlockInstance = Extract<Instance, { of: 'block' }>;

/** `SIM()(x)`: matches axes by name, solves the sizes, demands what the signature demands. */
export function callBlock(
  cx: Context,
  instance: BlockInstance,
  operands: readonly Val[],
  named: NamedOperands,
  span: Span,
): Val {
  const { entity, hypers } = instance;
  const { inputs: given, outputs: returned } = entity.decl;
  // Of a type that could not be read in full nothing is known, and the parser has said so.
  if (returned.some(({ isDamaged }) => isDamaged) || given.some(({ type }) => type.isDamaged)) return POISON;
  const name = entity.decl.name.text;
  const signature = cx.checker.signature(cx, entity, hypers, span);
  if (signature === undefined) return POISON;
  const tensors = assignOperands(cx, signature, name, operands, named, span);
  if (tensors === undefined) return POISON;
  const match = matchAxes(cx, signature, hypers, tensors, span);
  if (match === undefined) return POISON;
  if (breaksRequirement(cx, signature, match, span)) return POISON;
  if (!matchSizes(cx, signature, match, span)) return POISON;
  if (!meetsRequirements(cx, signature, match, span)) return POISON;
  if (!sharesParameters(cx, instance, signature, match, span)) return POISON;

  const inputs = signature.inputs.map((input, i) => tensors[i] ?? defaultInput(cx, input, match, span));
  if (!inputs.every((input) => input !== undefined)) return POISON;
  const types = signature.outputs.map((type) => actualType(cx, type, match, span));
  if (!types.every((type) => type !== undefined)) return POISON;
  const outputs = types.map((type) => cx.tensor(name, type, span));
  const isThrownAway = cx.purpose === 'definition' || cx.purpose === 'trial';
  if (isThrownAway) {
    cx.callCount++;
    cx.callsWeights ||= signature.hasWeights && cx.region.isBody;
  }
  const isFine = isThrownAway
    ? meetsLeftOpen(cx, instance, signature, match, span)
    : emitCall(cx, instance, signature, match, inputs, outputs, span);
  if (!isFine) return POISON;
  const [only, more] = outputs;
  if (only !== undefined && more === undefined) return tensorVal(only);
  return { kind: 'tuple', items: outputs.map(tensorVal) };
}

/** Positional tensors first, then those by name; what is missing must have a default. */
function assignOperands(
  cx: Context,
  signature: Signature,
  name: string,
  operands: readonly Val[],
  named: NamedOperands,
  span: Span,
): readonly (TensorValue | undefined)[] | undefined {
  const { inputs } = signature;
  const related = [{ span: signature.entity.decl.name.span, message: `\`${name}\` is declared here` }];
  if (operands.length > inputs.length) {
    const takes = inputs.length === 1 ? '1 tensor' : `${inputs.length} tensors`;
    return cx.error('N3008', span, `\`${name}\` takes ${takes}, not ${operands.length}`, { related });
  }
  for (const [key, { span: at }] of named) {
    const position = inputs.findIndex((input) => input.name === key);
    if (position < 0) {
      return cx.error('N3001', at, `\`${name}\` has no input \`${key}\``, {
        related,
        ...suggest(key, at, inputs.map((input) => input.name)), // prettier-ignore
      });
    }
    if (position < operands.length) return cx.error('N3002', at, `\`${key}\` is given twice`);
  }
  const tensors: (TensorValue | undefined)[] = [];
  for (const [i, input] of inputs.entries()) {
    const val = operands[i] ?? named.get(input.name)?.val;
    if (val === undefined) {
      if (input.default === undefined) {
        return cx.error('N3003', span, `\`${name}\` needs its input \`${input.name}\``, { related });
      }
      tensors.push(undefined);
    } else if (val.kind === 'tensor') tensors.push(val.tensor);
    else if (val.kind === 'poison') return undefined;
    else {
      const help = val.kind === 'instance' ? { help: 'call it: `f(...)(x)`' } : {};
      return cx.error(
        'N3006',
        span,
        `\`${input.name}\` of \`${name}\` is a tensor, not ${describe(val)}`,
        help,
      );
    }
  }
  return tensors;
}

/**
 * Whether a requirement is false, and not merely unproved, which is said. Asked before sizes of inputs are compared: they may
 * make sense under the requirements alone, such as `H / (k - 3)` where `k > 3`.
 */
function breaksRequirement(cx: Context, signature: Signature, match: Match, span: Span): boolean {
  const broken = signature.where.find(({ prop }) => {
    try {
      return constantTruth(substituteProp(prop, match.sizes)) === false;
    } catch (error) {
      if (error instanceof SizeError) return false;
      throw error;
    }
  });
  if (broken === undefined) return false;
  const message = `${demandText(signature, broken)}, which does not hold here`;
  cx.error('N4006', span, message, demandDetails(signature, broken, match));
  return true;
}

/**
 * Whether the requirements are met, up to the first that is not: those after it may make sense under it alone. The same
 * holds of those that cannot even be computed here, such as a division by what must be at least 1: they come last.
 */
function meetsRequirements(cx: Context, signature: Signature, match: Match, span: Span): boolean {
  const last: SizeError[] = [];
  const isMet = signature.where.every((requirement) => {
    try {
      const here = substituteProp(requirement.prop, match.sizes);
      return demand(cx, here, 'N4006', span, demandText(signature, requirement), () =>
        demandDetails(signature, requirement, match),
      );
    } catch (error) {
      if (!(error instanceof SizeError)) throw error;
      last.push(error);
      return true;
    }
  });
  const [error] = last;
  if (isMet && error !== undefined) throw error;
  return isMet;
}

function demandText({ entity }: Signature, { text }: Requirement): string {
  return `\`${entity.decl.name.text}\` demands \`${text}\``;
}

/** Where a requirement stands, and the sizes of this call that it speaks of, as far as they are numbers. */
function demandDetails(signature: Signature, requirement: Requirement, match: Match): DiagnosticDetails {
  return {
    related: [{ span: requirement.span, message: demandText(signature, requirement) }],
    notes: varsOf(requirement.prop).flatMap((v) => {
      const value = match.sizes.get(v)?.value;
      return value === undefined ? [] : [`here ${v.name} = ${value}`];
    }),
  };
}

/** All calls of an instance must give its parameters the same shapes (N5002). */
function sharesParameters(
  cx: Context,
  instance: BlockInstance,
  signature: Signature,
  match: Match,
  span: Span,
): boolean {
  const sizes = signature.paramSizes.map((size) => substitute(size, match.sizes));
  for (const size of sizes) cx.noteParamSize(size);
  const name = signature.entity.decl.name.text;
  const changing = sizes.find((size) => !cx.isKnownIn(size, instance.region));
  if (changing !== undefined) {
    cx.error(
      'N5002',
      instance.span,
      `\`${name}\` is made outside of the loop, and in each turn its parameters would have other shapes`,
      {
        related: [{ span, message: `by this call a parameter has an axis of size ${print(changing)}` }],
        help: 'make the instance inside of the loop, so that each turn has its own',
      },
    );
    return false;
  }
  if (instance.paramSizes === undefined) {
    instance.paramSizes = sizes;
    cx.onUndo(() => {
      delete instance.paramSizes;
    });
    return true;
  }
  const first = instance.paramSizes;
  const other = sizes.findIndex((size, i) => !mayBeEqual(cx, first[i] ?? size, size, span));
  if (other < 0) return true;
  const [before, now] = [first[other], sizes[other]];
  cx.error(
    'N5002',
    span,
    `an instance of \`${name}\` is called with different shapes, but its parameters have one`,
    {
      related: [{ span: instance.span, message: 'the instance is made here' }],
      notes: before === undefined || now === undefined ? [] : [`an axis of a parameter would have size ${print(before)} by the first call, and ${print(now)} by this one`], // prettier-ignore
      help: 'make two instances where the weights are not meant to be shared',
    },
  );
  return false;
}

/** The tensor in place of an input that is left out: its default in every element. */
function defaultInput(cx: Context, input: SignatureInput, match: Match, span: Span): TensorValue | undefined {
  const type = actualType(cx, input.type, match, span);
  if (type === undefined) return undefined;
  const over = type.axes.map((axis) => ({ axis: axis.name, size: axis.size }));
  const options = { hint: input.name };
  const value = emitOne(cx, expandOver, [scalar(cx, input.default ?? 0, span)], { over }, span, options);
  if (value === undefined || type.dtype === 'f32') return value;
  return emitOne(cx, castTo, [value], { to: type.dtype }, span, options);
}

/**
 * Whether what the block leaves open for the blocks and lists it is given holds here: its definition knew their declared
 * types alone. In a model that is decided by its numbers; a definition asks it of its own sizes.
 */
function meetsLeftOpen(
  cx: Context,
  { entity, hypers }: BlockInstance,
  signature: Signature,
  match: Match,
  span: Span,
): boolean {
  const open = cx.checker.trials.leftOpen(cx, entity, hypers, restOf(match), span);
  if (open === undefined) return false;
  const given = sizesOfCall(signature, match);
  const sizes = new Map(open.sizes.flatMap((v, i): [SizeVar, Size][] => {
    const size = given[i];
    return size === undefined ? [] : [[v, size]];
  })); // prettier-ignore
  const name = entity.decl.name.text;
  return open.leftOpen.every(({ prop, guards, code, span: place, because }) => {
    const conditions = guards.map((guard) => substituteProp(guard, sizes));
    if (conditions.some((condition) => constantTruth(condition) === false)) return true;
    const unless = conditions.filter((condition) => constantTruth(condition) === undefined).map(negate);
    const here = substituteProp(prop, sizes);
    return demand(cx, unless.length === 0 ? here : or(here, ...unless), code, span, because, () => ({
      related: [{ span: place, message: `\`${name}\` needs it here` }],
    }));
  });
}

/** The caller's axes for each rest variable, by its name. */
function restOf(match: Match): ReadonlyMap<string, readonly string[]> {
  return new Map([...match.rest].map(([pseudo, axes]) => [pseudo.slice(3), axes.map((axis) => axis.name)]));
}

/** The sizes of a call in the order in which its function takes them. */
function sizesOfCall(signature: Signature, match: Match): readonly Size[] {
  return signature.sizes.flatMap((v): readonly Size[] => {
    const size = match.sizes.get(v);
    return size === undefined ? (match.rest.get(v.name) ?? []).map((axis) => axis.size) : [size];
  });
}

function emitCall(
  cx: Context,
  instance: BlockInstance,
  signature: Signature,
  match: Match,
  inputs: readonly TensorValue[],
  outputs: readonly TensorValue[],
  span: Span,
): boolean {
  const { entity, hypers } = instance;
  if (cx.checker.isBroken(entity)) return true;
  const made = cx.checker.functions.instantiate(cx, entity, hypers, restOf(match), span);
  if (made === undefined) return false;
  const axes = new Map(made.restNames);
  for (const [hyper, val] of hypers) if (val.kind === 'axis' && val.name !== hyper) axes.set(hyper, val.name);
  cx.checker.complaints.countStatement(cx, span);
  const call: CallStatement = {
    kind: 'call',
    callee: made.id,
    path: instance.path,
    sizes: sizesOfCall(signature, match),
    axes,
    inputs,
    outputs,
    span,
  };
  cx.region.statements.push(call);
  cx.checker.callees.set(call, signature);
  return true;
}
