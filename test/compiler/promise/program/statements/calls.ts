import type { Block, Hyper } from '../block.ts';
import type { BlockWriter } from '../block-writer.ts';
import { holds, substitute as substituteCondition, variablesOf } from '../condition.ts';
import { isOpaque, numeral, print, substitute, variable, type SizeExpression } from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import {
  innerAxes,
  isSameShape,
  renamed,
  sizeOf,
  withAxes,
  writtenAxes,
  type Tensor,
  type TensorType,
} from '../tensor.ts';

/** Calls a block that is there already: one of the library's, or one that was drawn before. */
export const call: Statement = (b) => {
  const block = b.choices.pickOf(b.blocks.toReversed());
  if (block === undefined || !b.hasRoom) return false;
  const first = block.inputs[0];
  const x = first && b.choose((value) => canBePassed(value, first));
  if (x === undefined || first === undefined) return false;
  const mapping = matchAxes(b, x, first);
  const renames = renameText(b, mapping);
  const passed = renamed(x, mapping);
  if (block.inputs.some((input) => !fitsAs(passed, input))) return false;
  if (block.outputs.some((output) => meetsItself(output, passed, first))) return false;
  const actual = new Map(innerAxes(first).map((name) => [name, sizeOf(passed, name)]));
  const texts: string[] = [];
  for (const hyper of block.hypers) texts.push(`${hyper.name}: ${argument(b, hyper, actual, passed, block)}`);
  if (!isAllowed(block, actual)) return false;
  for (const condition of block.where) b.require(substituteCondition(condition, actual));
  for (const condition of block.inferred) b.infer(substituteCondition(condition, actual));
  for (const condition of block.deferred) b.defer(substituteCondition(condition, actual));
  for (const name of block.pinned) b.pin(actual.get(name) ?? numeral(1));
  writeCall(
    b,
    block,
    texts,
    block.inputs.map(() => `${x.name}${renames}`),
    outputsOf(block, passed, first, actual),
  );
  return true;
};

function canBePassed(value: Tensor, formal: Tensor): boolean {
  const named = innerAxes(formal).length;
  if (value.dtype !== formal.dtype || (formal.isExact && !value.isExact) || !value.axes.has('N'))
    return false;
  if (writtenAxes(value).length < named) return false;
  return formal.rest !== undefined || (value.rest === undefined && innerAxes(value).length === named);
}

/** Whether a value that has the axes of the first input may stand for another one, too. */
function fitsAs(passed: Tensor, formal: Tensor): boolean {
  return (
    passed.dtype === formal.dtype &&
    (passed.isExact || !formal.isExact) &&
    innerAxes(formal).every((name) => passed.axes.has(name)) &&
    (formal.rest !== undefined ||
      (passed.rest === undefined && innerAxes(passed).length === innerAxes(formal).length))
  );
}

/** Whether an axis that the block makes is among those that it hands on without knowing them. */
function meetsItself(output: TensorType, passed: Tensor, formal: Tensor): boolean {
  const handedOn = [...passed.axes.keys()].filter((name) => !formal.axes.has(name));
  return output.rest !== undefined && handedOn.some((name) => output.axes.has(name));
}

/** New names for the caller's axes: those of the block where they are not called so already. */
function matchAxes(b: BlockWriter, x: Tensor, formal: Tensor): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const wanted = innerAxes(formal);
  const own = new Set(wanted.filter((name) => writtenAxes(x).includes(name)));
  const free = writtenAxes(x).filter((name) => !own.has(name));
  for (const name of wanted) {
    if (own.has(name)) continue;
    const axis = b.choices.pickOf(free);
    if (axis === undefined) break;
    free.splice(free.indexOf(axis), 1);
    names.set(axis, name);
  }
  // An axis of the rest that is called like one of the block's, but has an opaque size, makes way.
  for (const name of innerAxes(x)) {
    if (!names.has(name) && !own.has(name) && wanted.includes(name)) names.set(name, b.freshAxis());
  }
  return names;
}

function renameText(b: BlockWriter, names: ReadonlyMap<string, string>): string {
  const step = (from: string, to: string): string => ` |> rename(${from} -> ${to})`;
  // Who takes the name of another waits until that one has left it.
  const waiting = [...names].filter(([, to]) => names.has(to));
  const between = new Map(waiting.map(([from]) => [from, b.freshAxis()]));
  return [
    ...waiting.map(([from]) => step(from, between.get(from) ?? '')),
    ...[...names].filter(([from]) => !between.has(from)).map(([from, to]) => step(from, to)),
    ...waiting.map(([from, to]) => step(between.get(from) ?? '', to)),
  ].join('');
}

/** What is given for a hyper-parameter; an `int` becomes known to `actual`. */
function argument(
  b: BlockWriter,
  hyper: Hyper,
  actual: Map<string, SizeExpression>,
  passed: TensorType,
  { hypers }: Block,
): string {
  switch (hyper.kind) {
    case 'int': {
      const number = numeral(b.choices.between(hyper.least, hyper.most));
      const size = b.choices.chance(50) ? b.int(hyper.least, hyper.most) : number;
      actual.set(hyper.name, size);
      return print(size);
    }
    case 'bool':
      return b.choices.chance(30) ? b.flag() : b.choices.pick(['false', 'true']);
    case 'float':
      return b.choices.pick(['0.25', '0.75', '1']);
    case 'string':
      return `"${b.choices.pick(hyper.options)}"`;
    case 'block': {
      const known = hypers.length > 0 ? innerAxes(hyper.value).filter((name) => passed.axes.has(name)) : [];
      const axis = known.find((name) => !isOpaque(sizeOf(passed, name)) && isPlain(hyper.value, name));
      const forms: [string, ...string[]] = ['relu', 'tanh'];
      if (axis !== undefined) {
        const size = sizeOf(passed, axis);
        b.pin(size);
        forms.push(`batch_norm(${axis})`, `linear(${axis} -> ${axis}: ${print(size)})`, `softmax(${axis})`);
      }
      return forms[b.choices.below(forms.length)] ?? forms[0];
    }
  }
}

/** Whether the axis has there the size that it has in the signature. */
function isPlain(value: TensorType, axis: string): boolean {
  const size = sizeOf(value, axis);
  return size.kind === 'variable' && size.name === axis;
}

/** Whether nothing that is known already speaks against it. */
function isAllowed(block: Block, actual: ReadonlyMap<string, SizeExpression>): boolean {
  return [...block.where, ...block.inferred, ...block.deferred]
    .map((condition) => substituteCondition(condition, actual))
    .every((condition) => variablesOf(condition).length > 0 || holds(condition, new Map()));
}

function outputsOf(
  block: Block,
  passed: Tensor,
  formal: Tensor,
  actual: ReadonlyMap<string, SizeExpression>,
): readonly TensorType[] {
  const rest = [...passed.axes].filter(([name]) => !formal.axes.has(name));
  return block.outputs.map((output) => ({
    dtype: output.dtype,
    axes: new Map([
      ...[...output.axes].map(([name, size]): [string, SizeExpression] => [name, substitute(size, actual)]),
      ...(output.rest === undefined ? [] : rest),
    ]),
    rest: output.rest === undefined ? undefined : passed.rest,
  }));
}

/** Made and called at once, or made under a name and called twice. */
function writeCall(
  b: BlockWriter,
  { name }: Block,
  hypers: readonly string[],
  inputs: readonly string[],
  outputs: readonly TensorType[],
): void {
  const made = `${name}(${hypers.join(', ')})`;
  const given = inputs.join(', ');
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) {
    if (b.choices.chance(25)) {
      const instance = b.freshName();
      b.line(`${instance} = ${made}`);
      b.bind(`${instance}(${given})${only.dtype === 'f32' ? ` + ${instance}(${given}) * 0.5` : ''}`, only);
    } else {
      b.bind(`${made}(${given})`, only);
    }
    return;
  }
  const names = outputs.map(() => b.freshName());
  const instance = b.freshName();
  b.line(`${instance} = ${made}`);
  b.line(`(${names.join(', ')}) = ${instance}(${given})`);
  outputs.forEach((output, i) => b.declare(names[i] ?? '', output));
}

const isOpen = (value: Tensor): boolean =>
  value.dtype === 'f32' && value.axes.has('N') && writtenAxes(value).length > 0;

/** Blocks with hyper-parameters that are axes, lists and lists of blocks, and inputs that may be left out. */
export const specialCall: Statement = (b) => {
  const x = b.choose(isOpen);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined) return false;
  const size = sizeOf(x, axis);
  const form = b.choices.below(4);
  if (form === 0) {
    b.bind(`${x.name} |> Centre(${axis})`, x);
    return true;
  }
  // The others call their axis C.
  if (axis !== 'C' && x.axes.has('C')) return false;
  const there = axis === 'C' ? '' : ` |> rename(${axis} -> C)`;
  const y = renamed(x, new Map([[axis, 'C']]));
  b.pin(size);
  switch (form) {
    case 1: {
      const last = b.intOr(2, 1, 3);
      const widths = b.choices.pick(['[]', '[3]', '[2, 4]']);
      b.bind(`${x.name}${there} |> Stages(${widths}, last: ${print(last)})`, withAxes(y, { C: last }));
      return true;
    }
    case 2:
      b.bind(
        `${x.name}${there} |> Mixed([${b.choices.pick(['relu', 'tanh, relu', `linear(C -> C: ${print(size)}), tanh`])}])`,
        y,
      );
      return true;
    default: {
      const by = b.chooseFloat((value) =>
        isSameShape(value, {
          ...y,
          rest: undefined,
          axes: new Map([
            ['N', variable('N')],
            ['C', size],
          ]),
        }),
      );
      b.bind(
        by === undefined || b.choices.chance(40)
          ? `Weighed()(${x.name}${there})`
          : `Weighed()(${x.name}${there}, by: ${by.name})`,
        y,
      );
      return true;
    }
  }
};

/** A hyper-parameter that is a block: what comes for it is the caller's affair. */
export const through: Statement = (b) => {
  const x = b.chooseFloat((value) => value.axes.has('N') && innerAxes(value).length > 0);
  if (x === undefined || writtenAxes(x).length !== innerAxes(x).length) return false;
  b.pin(...innerAxes(x).map((axis) => sizeOf(x, axis)));
  b.bind(`${b.inner(x)}(${x.name})`, x);
  return true;
};
