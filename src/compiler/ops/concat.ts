import { axisNames, findAxis, hasAxis, printType, replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import type { ListValue, TensorValue, Value } from '../ir/module.ts';
import { add, constant, mul, print } from '../shapes/size.ts';
import { axesOf, expectAxis } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { surfaceOp, type OpBuilder } from './surface-op.ts';

export type ConcatAttributes = { readonly axis: string };

/** The same axes with the same sizes, but for the axis `except` (N4014). */
export function expectAlike(
  ctx: ShapeContext,
  op: string,
  types: readonly TensorType[],
  except: string | undefined,
): boolean {
  const [first] = types;
  if (first === undefined) {
    ctx.fail('N3010', `${op} needs at least one tensor`);
    return false;
  }
  const but = except === undefined ? '' : `, but for the size of ${except}`;
  for (const [i, type] of types.entries()) {
    const difference = differenceOf(ctx, first, type, except);
    if (difference === undefined) continue;
    ctx.fail(
      'N4014',
      `${op} takes tensors of one shape${but}, and number ${i + 1} ${difference.text}`,
      [`the first is ${printType(first)}`, `number ${i + 1} is ${printType(type)}`],
      difference,
    );
    return false;
  }
  return true;
}

/** In what a tensor differs from the first of a list, and what to do about it. */
function differenceOf(
  ctx: ShapeContext,
  first: TensorType,
  type: TensorType,
  except: string | undefined,
): { readonly text: string; readonly help: string } | undefined {
  if (type.dtype !== first.dtype) {
    const help = `use \`cast(to: ${first.dtype})\``;
    return { text: `holds ${type.dtype} where the first holds ${first.dtype}`, help };
  }
  const lacking = first.axes.filter(({ name }) => !hasAxis(type, name));
  const over = lacking.map(({ name, size }) => `${name}: ${print(size)}`).join(', ');
  if (lacking.length > 0) {
    const help = `\`expand(over: [${over}])\` repeats it along them`;
    return { text: `lacks ${axesOf(lacking.map(({ name }) => name))}`, help };
  }
  const added = axisNames(type).filter((name) => !hasAxis(first, name));
  if (added.length > 0) {
    const help = 'reduce or merge what is too much, or give the first its axes with `expand`';
    return { text: `has ${axesOf(added)} besides`, help };
  }
  // All of them are asked for, so that a remedy speaks of all.
  const unequal = type.axes.filter(({ name, size }) => {
    const axis = findAxis(first, name);
    return name !== except && axis !== undefined && !ctx.equal(axis.size, size);
  });
  if (unequal.length === 0) return undefined;
  const [other, more] = unequal;
  const along = except === undefined ? undefined : findAxis(type, except)?.size.key;
  const isOtherAxis =
    other !== undefined && more === undefined && along === findAxis(first, except ?? '')?.size.key;
  const remedy = 'bring them to one size first: `resize`, `slice` and `pad` change it';
  const help = isOtherAxis
    ? `if they are to be joined along ${other.name}, say \`along: ${other.name}\`; else ${remedy}`
    : remedy;
  return { text: `differs in ${axesOf(unequal.map(({ name }) => name))}`, help };
}

/** What to do about a tensor without the axis along which others are joined: it may have it under another name. */
function axisToJoin(lacking: TensorType, inputs: readonly TensorType[], axis: string): string {
  const like = inputs.find((type) => hasAxis(type, axis));
  const [other, more] = like === undefined ? [] : lacking.axes.filter(({ name }) => !hasAxis(like, name));
  return other === undefined || more !== undefined
    ? `\`expand(over: [${axis}: 1])\` gives a tensor the axis; \`stack\` makes it of tensors that lack it`
    : `if ${other.name} is to be joined with ${axis}, rename it before: \`rename(${other.name} -> ${axis})\``;
}

export const concatAlong: Op<ConcatAttributes> = {
  name: 'concat',
  doc: 'the tensors one behind the other along the axis',
  infer: (inputs, { axis }, ctx) => {
    const [first] = inputs;
    const lacking = inputs.find((type) => !hasAxis(type, axis));
    if (lacking !== undefined) {
      expectAxis(ctx, '`concat`', lacking, axis, axisToJoin(lacking, inputs, axis));
      return undefined;
    }
    if (!expectAlike(ctx, '`concat`', inputs, axis) || first === undefined) return undefined;
    const size = inputs.map((type) => findAxis(type, axis)?.size ?? constant(0)).reduce(add);
    return [replaceAxis(first, axis, [{ name: axis, size }])];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const out = zeros(only(outputs));
    let start = 0;
    for (const input of inputs) {
      forEachIndex(input.type.axes, [input.type, out.type], ([from = 0, to = 0]) => {
        out.data[start + to] = input.data[from] ?? NaN;
      });
      start += sizeOf(input.type, axis) * strideOf(out.type, axis);
    }
    return [out];
  },
  onnx: (e, { inputs, outputTypes, attributes: { axis } }) => {
    const type = only(outputTypes);
    const position = axisNames(type).indexOf(axis);
    const output = { dims: sizesOf(type), dtype: type.dtype };
    return [e.node('Concat', inputs, output, { axis: { type: 'int', value: position } })];
  },
  tfjs: (e, { inputs, outputTypes, attributes: { axis }, listInput }) => {
    const list = listInput === true ? only(inputs) : `[${inputs.join(', ')}]`;
    return [`tf.concat(${list}, ${e.number(axisNames(only(outputTypes)).indexOf(axis))})`];
  },
  gradient: (b, { inputs, attributes: { axis }, gradients }) => {
    const gradient = only(gradients);
    let start = constant(0);
    return inputs.map(({ type }) => {
      const stop = add(start, findAxis(type, axis)?.size ?? constant(0));
      const part = gradient && b.one('slice', [gradient], { axis, start, stop, step: constant(1) });
      start = stop;
      return part;
    });
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 3, H: 5 }), concrete({ N: 2, C: 4, H: 5 })], attributes: { axis: 'C' } },
    {
      inputs: [concrete({ N: 2, C: 3 }), concrete({ C: 3, N: 1 }), concrete({ N: 4, C: 3 })],
      attributes: { axis: 'N' },
    },
    { inputs: [concrete({ T: 7 })], attributes: { axis: 'T' } },
    { inputs: [concrete({ T: 7 }), concrete({ T: 1 })], attributes: { axis: 'T' } },
    {
      inputs: [concrete({ N: 2, C: 1, H: 3, W: 5 }), concrete({ W: 5, N: 2, C: 2, H: 3 })],
      attributes: { axis: 'C' },
    },
    { inputs: [concrete({ N: 2, H: 3, W: 5 }), concrete({ N: 2, H: 2, W: 5 })], attributes: { axis: 'H' } },
  ],
};

/** The tensors of a list whose length is known, or the list itself. */
export function listOperand(b: OpBuilder, operands: readonly Value[]): readonly TensorValue[] | ListValue {
  const [first] = operands;
  if (first?.kind === 'list' && operands.length === 1) return b.elements(first) ?? first;
  return operands.filter((value) => value.kind === 'tensor');
}

export const concat = surfaceOp({
  name: 'concat',
  doc: 'The tensors of a list one behind the other along an axis. Only their sizes along that axis may differ.',
  example: 'concat([x, y], along: C)',
  arguments: { along: { kind: 'axis', doc: 'the axis along which they are joined' } },
  operands: ['list'],
  takesList: true,
  parameterised: false,
  build(b, { along }, operands) {
    const list = listOperand(b, operands);
    if (!('kind' in list)) return b.emitOne(concatAlong, list, { axis: along });
    const { element, length } = list.type;
    const axis = expectAxis(b, '`concat`', element, along);
    if (axis === undefined) return undefined;
    const joined = { name: along, size: mul(length, axis.size) };
    return b.reduceList(concatAlong, list, { axis: along }, replaceAxis(element, along, [joined]));
  },
});
