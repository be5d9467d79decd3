import type { TensorValue } from '../ir/module.ts';
import { findAxis, hasAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { expandOver } from '../ops/expand.ts';
import { print, substitute, type Size, type SizeVar } from '../shapes/size.ts';
import { substitute as substituteProp } from '../shapes/prop.ts';
import type { Span } from '../source/span.ts';
import type { NamedOperands } from './calls.ts';
import type { Context } from './context.ts';
import { emitOne, scalar } from './emit.ts';
import { isRest, type Signature, type SignatureInput } from './signature.ts';
import { describe, POISON, tensorVal, type Instance, type Val } from './value.ts';
import { didYouMean } from '../resolve/suggest.ts';

type BlockInstance = Extract<Instance, { of: 'block' }>;

/** How the axes and sizes of a signature meet those of the tensors it is called with. */
interface Match {
  readonly sizes: Map<SizeVar, Size>;
  /** The caller's axes for each rest variable, by its pseudo-axis. */
  readonly rest: Map<string, readonly Axis[]>;
}

/** `SIM()(x)`: matches axes by name, solves the sizes, demands what the signature demands. */
export function callBlock(
  cx: Context,
  instance: BlockInstance,
  operands: readonly (Val | undefined)[],
  named: NamedOperands,
  span: Span,
): Val {
  const { entity, hypers } = instance;
  const name = entity.decl.name.text;
  const signature = cx.checker.signature(cx, entity, hypers, span);
  if (signature === undefined) return POISON;
  const tensors = assignOperands(cx, signature, name, operands, named, span);
  if (tensors === undefined) return POISON;

  const match: Match = { sizes: new Map(), rest: new Map() };
  for (const [hyper, v] of signature.hyperSizes) {
    const given = hypers.get(hyper);
    if (given?.kind === 'int') match.sizes.set(v, given.size);
    if (given?.kind === 'labels') match.sizes.set(v, given.count);
  }
  const axisName = (formal: string): string => {
    const given = hypers.get(formal);
    return given?.kind === 'axis' ? given.name : formal;
  };
  if (!matchInputs(cx, signature, name, tensors, match, axisName, span)) return POISON;

  let met = true;
  for (const requirement of signature.where) {
    const prop = substituteProp(requirement.prop, match.sizes);
    const demand = { span: requirement.span, message: `\`${name}\` demands \`${requirement.text}\`` };
    met = cx.require(prop, 'N4006', span, `\`${name}\` demands \`${requirement.text}\``, { related: [demand] }) && met;
  }
  if (!met) return POISON;

  const inputs = signature.inputs.map((input, i) => {
    const tensor = tensors[i];
    if (tensor !== undefined) return tensor;
    const type = actualType(cx, input.type, match, axisName, span);
    if (type === undefined) return undefined;
    const over = type.axes.map((axis) => ({ axis: axis.name, size: axis.size }));
    return emitOne(cx, expandOver, [scalar(cx, input.default ?? 0)], { over }, span, { hint: input.name });
  });
  if (!inputs.every((input): input is TensorValue => input !== undefined)) return POISON;

  const outputs: TensorValue[] = [];
  for (const type of signature.outputs) {
    const actual = actualType(cx, type, match, axisName, span);
    if (actual === undefined) return POISON;
    outputs.push(cx.tensor(name, actual));
  }
  if (cx.mode === 'instantiate' && !cx.checker.isBroken(entity)) {
    const rest = new Map([...match.rest].map(([pseudo, axes]) => [pseudo.slice(3), axes.map((axis) => axis.name)]));
    const made = cx.checker.instantiate(cx, entity, hypers, rest, span);
    if (made === undefined) return POISON;
    const axes = new Map(made.restNames);
    for (const [hyper, val] of hypers) if (val.kind === 'axis' && val.name !== hyper) axes.set(hyper, val.name);
    const sizes = signature.sizes.flatMap((v): Size[] => {
      const pseudo = match.rest.get(v.name);
      if (pseudo !== undefined) return pseudo.map((axis) => axis.size);
      const size = match.sizes.get(v);
      return size === undefined ? [] : [size];
    });
    cx.checker.countStatement(cx, span);
    cx.region.statements.push({ kind: 'call', callee: made.id, path: instance.path, sizes, axes, inputs, outputs, span });
  }
  const [only, more] = outputs;
  if (only !== undefined && more === undefined) return tensorVal(only);
  return { kind: 'tuple', items: outputs.map(tensorVal) };
}

/** Positional tensors first, then those by name; what is missing must have a default. */
function assignOperands(
  cx: Context,
  signature: Signature,
  name: string,
  operands: readonly (Val | undefined)[],
  named: NamedOperands,
  span: Span,
): readonly (TensorValue | undefined)[] | undefined {
  const { inputs } = signature;
  const declared = { span: signature.entity.decl.name.span, message: `\`${name}\` is declared here` };
  if (operands.length > inputs.length) {
    return cx.error('N3008', span, `\`${name}\` takes ${inputs.length} tensor${inputs.length === 1 ? '' : 's'}, not ${operands.length}`, { related: [declared] });
  }
  for (const [key, { span: at }] of named) {
    const position = inputs.findIndex((input) => input.name === key);
    if (position < 0) {
      const help = didYouMean(key, inputs.map((input) => input.name));
      return cx.error('N3001', at, `\`${name}\` has no input \`${key}\``, { related: [declared], ...(help === undefined ? {} : { help }) });
    }
    if (position < operands.length) return cx.error('N3002', at, `\`${key}\` is given twice`);
  }
  const tensors: (TensorValue | undefined)[] = [];
  for (const [i, input] of inputs.entries()) {
    const val = operands[i] ?? named.get(input.name)?.val;
    if (val === undefined) {
      if (input.default === undefined) {
        return cx.error('N3003', span, `\`${name}\` needs its input \`${input.name}\``, { related: [declared] });
      }
      tensors.push(undefined);
    } else if (val.kind === 'tensor') tensors.push(val.tensor);
    else if (val.kind === 'poison') return undefined;
    else {
      const help = val.kind === 'instance' ? { help: 'call it: `f(...)(x)`' } : {};
      return cx.error('N3006', span, `\`${input.name}\` of \`${name}\` is a tensor, not ${describe(val)}`, help);
    }
  }
  return tensors;
}

function matchInputs(
  cx: Context,
  signature: Signature,
  name: string,
  tensors: readonly (TensorValue | undefined)[],
  match: Match,
  axisName: (formal: string) => string,
  span: Span,
): boolean {
  const hyperVars = new Set(signature.hyperSizes.values());
  const checks: { formal: Axis; actual: Axis; input: SignatureInput; given: TensorType }[] = [];
  let fine = true;
  for (const [i, input] of signature.inputs.entries()) {
    const given = tensors[i]?.type;
    if (given === undefined) continue;
    const decl = signature.entity.decl.inputs[i];
    const related = decl === undefined ? [] : [{ span: decl.span, message: `\`${input.name}\` is declared here` }];
    const notes = [`\`${input.name}\` is declared as ${printType(input.type)}`, `the tensor given is ${printType(given)}`];
    if (given.dtype !== input.type.dtype) {
      cx.error('N3011', span, `\`${input.name}\` of \`${name}\` holds ${input.type.dtype}, the tensor given ${given.dtype}`, { related, notes });
      fine = false;
      continue;
    }
    const taken = new Set<string>();
    let pseudo: string | undefined;
    for (const formal of input.type.axes) {
      if (isRest(formal.name)) {
        pseudo = formal.name;
        continue;
      }
      const wanted = axisName(formal.name);
      const actual = findAxis(given, wanted);
      if (actual === undefined) {
        const help = didYouMean(wanted, given.axes.map((axis) => axis.name).filter((axis) => !hasAxis(input.type, axis)));
        cx.error('N4002', span, `\`${input.name}\` of \`${name}\` needs an axis ${wanted}, which the tensor given does not have`, {
          related,
          notes,
          help: help?.startsWith('did') ? help : `rename an axis of the tensor: \`x |> rename(T -> ${wanted})\``,
        });
        fine = false;
        continue;
      }
      taken.add(wanted);
      const v = soleVariable(formal.size);
      if (v !== undefined && !hyperVars.has(v) && !match.sizes.has(v)) match.sizes.set(v, actual.size);
      else checks.push({ formal, actual, input, given });
    }
    const others = given.axes.filter((axis) => !taken.has(axis.name));
    if (pseudo === undefined && others.length > 0 && fine) {
      const list = others.map((axis) => axis.name).join(', ');
      cx.error('N4001', span, `the tensor given has the axis ${list}, which \`${input.name}\` of \`${name}\` has not`, {
        related,
        notes,
        help: `declare \`${input.name}\` with \`...R\` if the block is to pass such axes on`,
      });
      fine = false;
    }
    if (pseudo !== undefined) {
      const before = match.rest.get(pseudo);
      if (before === undefined) match.rest.set(pseudo, others);
      else if (!sameAxes(cx, before, others)) {
        cx.error('N4001', span, `\`${pseudo}\` stands for other axes in \`${input.name}\` than in the inputs before it`, { related, notes });
        fine = false;
      }
    }
  }
  if (!fine) return false;
  for (const v of signature.sizes) {
    if (match.sizes.has(v) || match.rest.has(v.name)) continue;
    if (isRest(v.name)) continue;
    cx.error('N4010', span, `the inputs of \`${name}\` do not determine the size ${v.name}`);
    return false;
  }
  for (const { formal, actual, input, given } of checks) {
    const wanted = substitute(formal.size, match.sizes);
    if (cx.equal(actual.size, wanted)) continue;
    const decl = signature.entity.decl.inputs[signature.inputs.indexOf(input)];
    cx.error('N4001', span, `\`${input.name}\` of \`${name}\` needs ${formal.name}: ${print(wanted)}, and gets ${actual.name}: ${print(actual.size)}`, {
      related: decl === undefined ? [] : [{ span: decl.span, message: `\`${input.name}\` is declared here` }],
      notes: [`\`${input.name}\` is declared as ${printType(input.type)}`, `the tensor given is ${printType(given)}`],
    });
    fine = false;
  }
  return fine;
}

function soleVariable(size: Size): SizeVar | undefined {
  const [term, more] = size.terms;
  if (term === undefined || more !== undefined || term.coefficient !== 1) return undefined;
  const [factor, another] = term.monomial.factors;
  if (factor === undefined || another !== undefined || factor.power !== 1) return undefined;
  return factor.atom.kind === 'variable' ? factor.atom.variable : undefined;
}

function sameAxes(cx: Context, a: readonly Axis[], b: readonly Axis[]): boolean {
  return (
    a.length === b.length &&
    a.every((axis) => {
      const other = b.find((x) => x.name === axis.name);
      return other !== undefined && cx.equal(axis.size, other.size);
    })
  );
}

/** A type of the signature in the caller's axes and sizes. */
function actualType(
  cx: Context,
  type: TensorType,
  match: Match,
  axisName: (formal: string) => string,
  span: Span,
): TensorType | undefined {
  const axes = type.axes.flatMap((axis): readonly Axis[] => {
    const rest = match.rest.get(axis.name);
    return rest ?? [{ name: axisName(axis.name), size: substitute(axis.size, match.sizes) }];
  });
  const double = axes.find((axis, i) => axes.findIndex((other) => other.name === axis.name) !== i);
  if (double !== undefined) {
    return cx.error('N4003', span, `the result would have axis ${double.name} twice`, {
      help: `rename the axis before the call: \`x |> rename(${double.name} -> T)\``,
    });
  }
  return { ...type, axes };
}
