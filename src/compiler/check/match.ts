import type { TensorValue } from '../ir/module.ts';
import { findAxis, hasAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { didYouMean } from '../diagnostics/did-you-mean.ts';
import { compare } from '../shapes/prop.ts';
import {
  print,
  soleVariable,
  substitute,
  variable,
  varsOf,
  type Size,
  type SizeVar,
} from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { demandEqual, missingDivisibility, notesOnEqualities } from './demands.ts';
import { axesOf, listNames } from '../ops/axis-checks.ts';
import { lostByDiagonal } from './diagonal.ts';
import { sizesOfHypers } from './hyper-sizes.ts';
import { isRest, type Signature, type SignatureInput } from './signature.ts';
import type { Hypers } from './value.ts';

/** How the axes and sizes of a signature meet those of the tensors that a block is called with. */
export interface Match {
  readonly sizes: Map<SizeVar, Size>;
  /** The caller's axes for each rest variable, by its pseudo-axis. */
  readonly rest: Map<string, readonly Axis[]>;
  /** Which input has bound a size: what the others must agree with. */
  readonly boundBy: Map<SizeVar, SignatureInput>;
  /** The caller's name of an axis of the signature. */
  readonly axisName: (formal: string) => string;
  /** What is left to be compared once the axes have met: see {@link matchSizes}. */
  readonly checks: readonly SizeCheck[];
}

/** A size of the signature that is more than a variable which the call binds. */
interface SizeCheck {
  readonly formal: Axis;
  readonly actual: Axis;
  readonly input: SignatureInput;
  readonly given: TensorValue;
}

/**
 * Matches tensors with the inputs of a signature by the names of axes, and binds the sizes that these introduce; undefined
 * after a complaint.
 */
export function matchAxes(
  cx: Context,
  signature: Signature,
  hypers: Hypers,
  tensors: readonly (TensorValue | undefined)[],
  span: Span,
): Match | undefined {
  const checks: SizeCheck[] = [];
  const match = startingWith(cx, signature, hypers, checks);
  const fits = signature.inputs.map((input, i) => {
    const given = tensors[i];
    return given === undefined || matchInputAxes(cx, signature, input, given, match, checks, span);
  });
  if (fits.includes(false)) return undefined;
  const open = signature.sizes.find((v) => !match.sizes.has(v) && !match.rest.has(v.name));
  if (open === undefined) return match;
  const name = signature.entity.decl.name.text;
  const what = isRest(open.name) ? 'the axes' : 'the size';
  return cx.error(
    'N4010',
    span,
    `the inputs that \`${name}\` is given here do not determine ${what} ${open.name}`,
  );
}

/** Whether the sizes of tensors are those that a signature demands, now that all of its variables are bound. */
export function matchSizes(cx: Context, signature: Signature, match: Match, span: Span): boolean {
  const fits = signature.inputs.map((input) => matchInputSizes(cx, signature, input, match, span));
  return !fits.includes(false);
}

function startingWith(
  cx: Context,
  signature: Signature,
  hypers: Hypers,
  checks: readonly SizeCheck[],
): Match {
  const sizes = new Map<SizeVar, Size>();
  for (const [i, size] of sizesOfHypers(hypers).entries()) {
    const v = signature.sizes[i];
    if (v !== undefined) sizes.set(v, size);
  }
  for (const { variable: v, min } of signature.unknowns) sizes.set(v, variable(cx.freshOpaque(v.name, min)));
  const axisName = (formal: string): string => {
    const given = hypers.get(formal);
    return given?.kind === 'axis' ? given.name : formal;
  };
  return { sizes, rest: new Map(), boundBy: new Map(), axisName, checks };
}

function matchInputAxes(
  cx: Context,
  signature: Signature,
  input: SignatureInput,
  tensor: TensorValue,
  match: Match,
  checks: SizeCheck[],
  span: Span,
): boolean {
  const given = tensor.type;
  const name = signature.entity.decl.name.text;
  const title = `\`${input.name}\` of \`${name}\``;
  const details = () => detailsOf(cx, signature, input, tensor, span);
  if (given.dtype !== input.type.dtype) {
    const help = helpForElements(input.type, given);
    const message = `${title} holds ${input.type.dtype}, the tensor given ${given.dtype}`;
    cx.error('N3011', span, message, { ...details(), help });
    return false;
  }
  const named = input.type.axes.filter((axis) => !isRest(axis.name));
  const pseudo = input.type.axes.find((axis) => isRest(axis.name))?.name;
  const wanted = named.map((axis) => match.axisName(axis.name));
  const others = given.axes.filter((axis) => !wanted.includes(axis.name));
  const missing = wanted.filter((axis) => !hasAxis(given, axis));
  const [first] = missing;
  if (first !== undefined) {
    const list = missing.length === 1 ? `an axis ${first}` : axesOf(missing);
    const has = `which the tensor given does not have`;
    // An axis too few and another too many go by two names.
    const isRenamed = others.length > 0 && pseudo === undefined;
    const axes = missing.map((axis) => ({ name: axis }));
    const lost = isRenamed ? undefined : lostByDiagonal(cx, [tensor], axes);
    const { related, notes } = details();
    cx.error('N4002', span, `${title} needs ${list}, ${has}`, {
      notes,
      related: [...related, ...(lost?.related ?? [])],
      help: lost?.help ?? helpFor(first, input.type, given),
    });
    return false;
  }
  const twice = wanted.find((axis, i) => wanted.indexOf(axis) !== i);
  if (twice !== undefined) {
    const help = 'give each of its axis hyper-parameters an axis of its own';
    cx.error('N4003', span, `${title} would have axis ${twice} twice`, { ...details(), help });
    return false;
  }
  for (const formal of named) {
    const actual = findAxis(given, match.axisName(formal.name));
    if (actual === undefined) continue;
    const v = soleVariable(formal.size);
    if (v !== undefined && signature.sizes.includes(v) && !match.sizes.has(v)) {
      match.sizes.set(v, actual.size);
      match.boundBy.set(v, input);
    } else checks.push({ formal, actual, input, given: tensor });
  }
  if (pseudo === undefined) {
    if (others.length === 0) return true;
    const names = others.map((axis) => axis.name);
    cx.error('N4001', span, `the tensor given has the ${axesOf(names)}, which ${title} has not`, {
      ...details(),
      help: `reduce them first, as in \`mean(over: [${names.join(', ')}])\`, or merge them into another axis; \`...R\` in the type of \`${input.name}\` would pass them on`,
    });
    return false;
  }
  const before = match.rest.get(pseudo);
  if (before === undefined) {
    match.rest.set(pseudo, others);
    return true;
  }
  for (const axis of others) {
    const formal = before.find((other) => other.name === axis.name);
    if (formal !== undefined) checks.push({ formal, actual: axis, input, given: tensor });
  }
  if (
    before.length === others.length &&
    others.every((axis) => before.some((other) => other.name === axis.name))
  ) {
    return true;
  }
  const { related, notes } = details();
  cx.error('N4001', span, `\`${pseudo}\` stands for other axes in ${title} than in the inputs before it`, {
    related,
    notes: [...notes, `so far it is ${printAxes(before)}, here it would be ${printAxes(others)}`],
  });
  return false;
}

/** Checks the sizes of one input; those that do not fit are one complaint. */
function matchInputSizes(
  cx: Context,
  signature: Signature,
  input: SignatureInput,
  match: Match,
  span: Span,
): boolean {
  const title = `\`${input.name}\` of \`${signature.entity.decl.name.text}\``;
  const wrong: WrongSize[] = [];
  for (const { formal, actual, given, input: of } of match.checks) {
    if (of !== input) continue;
    const wanted = { name: match.axisName(formal.name), size: substitute(formal.size, match.sizes) };
    const needs = (): string => `${title} needs ${printAxis(wanted)}`;
    if (!demandEqual(cx, actual.size, wanted.size, 'N4001', span, needs))
      wrong.push({ formal, wanted, actual, given });
  }
  const [first] = wrong;
  if (first === undefined) return true;
  const details = detailsOf(cx, signature, input, first.given, span);
  const bound = new Set(wrong.flatMap(({ formal }) => varsOf(formal.size)));
  const sources = [...bound].flatMap((v) => {
    const by = match.boundBy.get(v);
    return by === undefined || by === input
      ? []
      : [`\`${by.name}\` makes ${v.name} ${print(match.sizes.get(v) ?? variable(v))}`];
  });
  const needed = listNames(wrong.map(({ wanted }) => printAxis(wanted)));
  const found = listNames(wrong.map(({ actual }) => printAxis(actual)));
  const equalities = wrong.map(({ actual, wanted }) => compare(actual.size, '==', wanted.size));
  const help = helpForSize(cx, input, first);
  const remedy = help === undefined ? missingDivisibility(cx, equalities, span) : { help };
  cx.error('N4001', span, `${title} needs ${needed}, and gets ${found}`, {
    ...details,
    ...remedy,
    notes: [...details.notes, ...sources, ...notesOnEqualities(cx, equalities)],
    related: [
      ...details.related,
      ...cx.originsOf(
        new Set(wrong.flatMap(({ actual, wanted }) => [...varsOf(actual.size), ...varsOf(wanted.size)])),
      ),
    ],
  });
  return false;
}

interface WrongSize {
  /** The axis as it is declared, and as this call needs it. */
  readonly formal: Axis;
  readonly wanted: Axis;
  readonly actual: Axis;
  readonly given: TensorValue;
}

function helpForSize(
  cx: Context,
  input: SignatureInput,
  { formal, wanted, actual, given }: WrongSize,
): string | undefined {
  // Channels where rows should be are the commonest mistake.
  const meant = given.type.axes.find(
    (axis) =>
      axis.name !== wanted.name && axis.size.key === wanted.size.key && hasAxis(input.type, axis.name),
  );
  if (meant !== undefined)
    return `axis ${meant.name} has that size: are the two axes named the wrong way round?`;
  if (formal.size.value === undefined) return undefined;
  const open = `\`${formal.name}\` in place of \`${printAxis(formal)}\``;
  return cx.purpose === 'top' && soleVariable(actual.size) !== undefined
    ? `no number of ${print(actual.size)} is promised: declare \`${input.name}\` with ${open}`
    : `if any size will do, declare \`${input.name}\` with ${open}`;
}

function printAxis({ name, size }: Axis): string {
  return `${name}: ${print(size)}`;
}

function detailsOf(cx: Context, signature: Signature, input: SignatureInput, given: TensorValue, span: Span) {
  const decl = signature.entity.decl.inputs[signature.inputs.indexOf(input)];
  const declared =
    decl === undefined ? [] : [{ span: decl.span, message: `\`${input.name}\` is declared here` }];
  return {
    related: [...declared, ...cx.placesOf([given], span)],
    notes: [
      `\`${input.name}\` is declared as ${printType(input.type)}`,
      `the tensor given is ${printType(given.type)}`,
    ],
  };
}

function helpFor(wanted: string, declared: TensorType, given: TensorType): string {
  const free = given.axes
    .map((axis) => axis.name)
    .filter((axis) => !hasAxis(declared, axis) && !isRest(axis));
  const near = didYouMean(wanted, free);
  if (near?.startsWith('did') === true) return near;
  const [other] = free;
  return other === undefined
    ? `declare it where the tensor comes from, or add it with \`expand(over: [${wanted}: 1])\`; a block with \`...R\` in place of ${wanted} would do without it`
    : `if ${other} is meant, rename it: \`x |> rename(${other} -> ${wanted})\``;
}

/** Numbers of classes and one-hot vectors are taken for each other; what remains is a cast. */
function helpForElements(declared: TensorType, given: TensorType): string {
  const onlyIn = (a: TensorType, b: TensorType): readonly Axis[] =>
    a.axes.filter(({ name }) => !hasAxis(b, name) && !isRest(name));
  const [classes, more] = onlyIn(given, declared);
  if (declared.dtype === 'int32' && classes !== undefined && more === undefined) {
    return `if it is one-hot, \`argmax(${classes.name})\` makes numbers of it`;
  }
  const [axis, further] = onlyIn(declared, given);
  if (given.dtype === 'int32' && axis !== undefined && further === undefined) {
    return `if it holds numbers of classes, \`one_hot(over: [${axis.name}: ...])\` makes the axis ${axis.name} of them`;
  }
  return `use \`cast(to: ${declared.dtype})\``;
}

function printAxes(axes: readonly Axis[]): string {
  return axes.length === 0 ? 'no axis' : axes.map((axis) => axis.name).join(', ');
}

/** A type of the signature in the caller's axes and sizes. */
export function actualType(cx: Context, type: TensorType, match: Match, span: Span): TensorType | undefined {
  const axes = type.axes.flatMap((axis): readonly Axis[] => {
    const rest = match.rest.get(axis.name);
    return rest ?? [{ name: match.axisName(axis.name), size: substitute(axis.size, match.sizes) }];
  });
  const names = axes.map((axis) => axis.name);
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) {
    return cx.error('N4003', span, `the result would have axis ${double} twice`, {
      help: `rename the axis before the call: \`x |> rename(${double} -> T)\``,
    });
  }
  return { ...type, axes };
}
