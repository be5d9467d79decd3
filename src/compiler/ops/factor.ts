import { axisNames, printType, replaceAxis, withoutAxes } from '../ir/tensor-type.ts';
import { constant, floorDiv, print, type Size } from '../shapes/size.ts';
import type { AxisMapping } from './arguments.ts';
import { expectAtLeast, expectAxis, expectNewAxes, expectParts } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete, replaced, sizeOf } from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type FactorAttributes = {
  readonly from: string;
  readonly to: readonly { readonly axis: string; readonly size: Size }[];
};

/** The index along the old axis is row-major in the new ones: the first named is the outermost. */
export const factorAxis: Op<FactorAttributes> = {
  name: 'factor',
  doc: 'y[.., i, j] = x[.., (i, j)]',
  infer: (inputs, { from, to }, ctx) => {
    const x = only(inputs);
    const axis = expectAxis(ctx, '`factor`', x, from);
    if (axis === undefined) return undefined;
    if (
      !expectNewAxes(
        ctx,
        '`factor`',
        withoutAxes(x, [from]),
        to.map((t) => t.axis),
      )
    )
      return undefined;
    const whole = product(to.map(({ size }) => size));
    if (!ctx.equal(axis.size, whole)) {
      return ctx.fail(
        'N4001',
        `axis ${from} has ${print(axis.size)} elements, its factors make ${print(whole)}`,
        [`x is ${printType(x)}`],
      );
    }
    return [
      replaceAxis(
        x,
        from,
        to.map((t) => ({ name: t.axis, size: t.size })),
      ),
    ];
  },
  evaluate: (inputs, { from, to }, outputs) => {
    const { type, data } = only(inputs);
    const out = only(outputs);
    const apart = replaced(
      type,
      from,
      to.map(({ axis }) => ({ name: axis, size: sizeOf(out, axis) })),
    );
    return [arrange({ type: apart, data }, out)];
  },
  prefers: (inputs, { to }, outputs) => [
    to.map(({ axis }) => axis),
    ...outputs.map(axisNames),
    ...inputs.map(axisNames),
  ],
  layout: (inputs, { from, to }, _outputs, _dialect, sorted) => {
    const order = sorted(axisNames(only(inputs)));
    const made = to.map(({ axis }) => axis);
    return { inputs: [order], outputs: [order.flatMap((name) => (name === from ? made : [name]))] };
  },
  onnx: (e, { inputs, outputTypes }) => [e.reshape(only(inputs), sizesOf(only(outputTypes)))],
  tfjs: (e, { inputs, outputTypes }) => [
    `tf.reshape(${only(inputs)}, ${e.shape(sizesOf(only(outputTypes)))})`,
  ],
  gradient: (b, { attributes: { from, to }, gradients }) => {
    const gradient = only(gradients);
    const made = to.map(({ axis }) => axis);
    return [gradient && b.one('merge', [gradient], { from: made, to: from })];
  },
  flops: () => constant(0),
  samples: [
    sample({ N: 2, D: 12 }, 'D', { h: 3, d: 4 }),
    sample({ D: 12, N: 2 }, 'D', { h: 3, D: 4 }),
    sample({ N: 2, D: 12, T: 5 }, 'D', { a: 2, b: 3, c: 2 }),
    sample({ N: 2, C: 6, H: 3 }, 'C', { G: 1, C: 6 }),
    sample({ T: 35 }, 'T', { H: 5, W: 7 }),
    sample({ N: 2, T: 35, C: 3 }, 'T', { W: 7, H: 5 }),
  ],
};

function sample(
  x: Readonly<Record<string, number>>,
  from: string,
  to: Readonly<Record<string, number>>,
): Op<FactorAttributes>['samples'][number] {
  const sizes = Object.entries(to).map(([axis, size]) => ({ axis, size: constant(size) }));
  return { inputs: [concrete(x)], attributes: { from, to: sizes } };
}

export const factor = surfaceOp({
  name: 'factor',
  doc: 'Several axes made of one, row-major: the first one named is the outermost. One size may be left out.',
  example: 'factor(D -> [h: heads, d: D / heads])(x)',
  arguments: {
    axes: {
      kind: 'mapping',
      positional: true,
      doc: 'the axis that is taken apart, and the axes that are made',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { axes }, operands) {
    const x = tensorOperand(b, 'factor', operands);
    if (x === undefined) return undefined;
    const [from] = axes.from;
    if (from === undefined || axes.from.length !== 1 || axes.to.length === 0) {
      return b.fail('N3005', '`factor` takes one axis apart, as in `factor(D -> [h: heads, d: D / heads])`');
    }
    const axis = expectAxis(b, '`factor`', x.type, from);
    const to = axis && withAllSizes(b, axes.to, axis.size, from);
    return to && b.emitOne(factorAxis, [x], { from, to });
  },
});

/** Fills in the one size that may be left out. */
function withAllSizes(
  b: ShapeContext,
  to: AxisMapping['to'],
  whole: Size,
  from: string,
): FactorAttributes['to'] | undefined {
  const positive = to.map(
    ({ axis, size }) => size === undefined || expectAtLeast(b, size, 1, `the size of ${axis}`),
  );
  if (positive.includes(false)) return undefined;
  const open = to.filter(({ size }) => size === undefined);
  const known = product(to.flatMap(({ size }) => (size === undefined ? [] : [size])));
  if (open.length > 1) {
    return b.fail(
      'N3003',
      `\`factor\` needs the sizes of ${open.map((t) => t.axis).join(' and ')}: one may be left out`,
    );
  }
  const reason = `axis ${from} is divided by ${print(known)}`;
  if (open.length === 1 && !expectParts(b, { name: from, size: whole }, known, reason)) return undefined;
  return to.map(({ axis, size }) => ({ axis, size: size ?? floorDiv(whole, known) }));
}
