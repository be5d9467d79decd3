import type { GraphValue } from '../ir/graph.ts';
import { axisNames, findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import { add, constant, equalSize, print, sub, type Size } from '../shapes/size.ts';
import type { AxisSize } from './arguments.ts';
import { expectAtLeast, expectAxes, expectFloat } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros, type NdArray } from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { numberOf, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type PadMode = 'constant' | 'reflect' | 'edge';
export type PadAttributes = {
  readonly over: readonly { readonly axis: string; readonly before: Size; readonly after: Size }[];
  readonly mode: PadMode;
  /** Of `constant`. */
  readonly value: number;
};

const zero = constant(0);

/** Where the element at place `i`, which may lie outside, comes from; undefined where it is the constant. */
function source(mode: PadMode, i: number, size: number): number | undefined {
  const last = size - 1;
  if (mode === 'edge') return Math.min(Math.max(i, 0), last);
  if (mode === 'reflect') return last - Math.abs(last - Math.abs(i));
  return i >= 0 && i <= last ? i : undefined;
}

function padAxis(x: NdArray, pads: PadAttributes['over'][number], { mode, value }: PadAttributes): NdArray {
  const { axis } = pads;
  const [before, after] = [numberOf(pads.before), numberOf(pads.after)];
  const size = sizeOf(x.type, axis);
  const axes = x.type.axes.map((a) => (a.name === axis ? { name: axis, size: before + size + after } : a));
  const out = zeros({ ...x.type, axes });
  const others = axes.filter(({ name }) => name !== axis);
  for (let i = 0; i < before + size + after; i++) {
    const from = source(mode, i - before, size);
    const to = i * strideOf(out.type, axis);
    forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
      const at = xAt + (from ?? 0) * strideOf(x.type, axis);
      out.data[to + outAt] = from === undefined ? value : (x.data[at] ?? NaN);
    });
  }
  return out;
}

export const padOver: Op<PadAttributes> = {
  name: 'pad',
  doc: 'x with elements more at the ends of axes: a constant; mirrored at the last, which is not repeated; or the last',
  infer: (inputs, { over, mode }, ctx) => {
    const x = only(inputs);
    const names = over.map(({ axis }) => axis);
    if (!expectFloat(ctx, 'pad', x) || expectAxes(ctx, '`pad`', x, names) === undefined) return undefined;
    if (mode === 'reflect' && !over.every((pads) => expectMirrored(ctx, x, pads))) return undefined;
    const axes = x.axes.map(({ name, size }) => {
      const pads = over.find(({ axis }) => axis === name);
      return { name, size: pads === undefined ? size : add(add(pads.before, size), pads.after) };
    });
    return [{ ...x, axes }];
  },
  evaluate: (inputs, attributes, outputs) => {
    const padded = attributes.over.reduce((x, pads) => padAxis(x, pads, attributes), only(inputs));
    const out = zeros(only(outputs));
    forEachIndex(out.type.axes, [padded.type, out.type], ([from = 0, to = 0]) => {
      out.data[to] = padded.data[from] ?? NaN;
    });
    return [out];
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { over, mode, value } }) => {
    const sides = axisNames(only(inputTypes)).map((name) => over.find(({ axis }) => axis === name));
    const pads = [...sides.map((side) => side?.before ?? zero), ...sides.map((side) => side?.after ?? zero)];
    const fill = mode === 'constant' ? [e.floats([value], [])] : [];
    const output = { dims: sizesOf(only(outputTypes)) };
    const attributes = { mode: { type: 'string', value: mode } } as const;
    return [e.node('Pad', [only(inputs), e.shape(pads), ...fill], output, attributes)];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { over, mode, value } }) => {
    const x = only(inputs);
    const names = axisNames(only(inputTypes));
    if (mode === 'constant') {
      const sides = names.map((name) => {
        const pads = over.find(({ axis }) => axis === name);
        return e.shape([pads?.before ?? zero, pads?.after ?? zero]);
      });
      return [`tf.pad(${x}, [${sides.join(', ')}]${value === 0 ? '' : `, ${e.number(value)}`})`];
    }
    // tf.mirrorPad has no gradient, and nothing pads with the last element.
    const helper = e.helper(mode === 'reflect' ? 'padReflect' : 'padEdge');
    return [
      over.reduce(
        (padded, { axis, before, after }) =>
          `${helper}(${padded}, ${e.number(names.indexOf(axis))}, ${e.shape([before, after])})`,
        x,
      ),
    ];
  },
  gradient: (b, { inputs, attributes: { over, mode }, gradients }) => {
    const x = only(inputs);
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const cut = over.reduce((padded, pads) => {
      const size = findAxis(x.type, pads.axis)?.size;
      return size === undefined ? padded : unpadded(b, padded, { ...pads, size }, mode);
    }, gradient);
    return [cut];
  },
  flops: () => zero,
  samples: (
    [
      [
        { N: 2, C: 3, H: 4, W: 5 },
        [
          { axis: 'H', before: 1, after: 1 },
          { axis: 'W', before: 2, after: 2 },
        ],
      ],
      [{ W: 5, C: 2, H: 4 }, [{ axis: 'W', before: 0, after: 3 }]],
      [{ T: 6 }, [{ axis: 'T', before: 5, after: 5 }]],
      [{ N: 2, T: 3 }, [{ axis: 'T', before: 2, after: 0 }]],
      [
        { N: 3, C: 2 },
        [
          { axis: 'C', before: 1, after: 1 },
          { axis: 'N', before: 0, after: 2 },
        ],
      ],
      [{ N: 1, T: 2, D: 3 }, [{ axis: 'T', before: 0, after: 1 }]],
      [{ A: 2, N: 2, H: 3, W: 2, C: 2 }, [{ axis: 'H', before: 2, after: 1 }]],
      [{ N: 2, T: 4 }, [{ axis: 'T', before: 0, after: 0 }]],
    ] as const
  ).flatMap(([sizes, pads]) =>
    (
      [
        ['constant', 0],
        ['constant', -1.5],
        ['reflect', 0],
        ['edge', 0],
      ] as const
    ).map(([mode, value]) => ({
      inputs: [concrete(sizes)],
      attributes: {
        mode,
        value,
        over: pads.map(({ axis, before, after }) => ({
          axis,
          before: constant(before),
          after: constant(after),
        })),
      },
    })),
  ),
};

/** The gradient before one axis was padded: an element gets what all places got that it was copied to. */
function unpadded(
  b: GradientBuilder,
  gradient: GraphValue,
  { axis, before, after, size }: PadAttributes['over'][number] & { readonly size: Size },
  mode: PadMode,
): GraphValue {
  const padded = add(add(before, size), after);
  if (equalSize(padded, size)) return gradient;
  if (mode === 'constant') {
    return b.one('slice', [gradient], { axis, start: before, stop: add(before, size), step: constant(1) });
  }
  const last = b.number(sub(size, constant(1)));
  const places = b.one('positions', [], { axis, size: padded, type: 'f32' });
  const from = b.sub(places, b.number(before));
  const abs = (value: GraphValue): GraphValue => b.one('abs', [value]);
  // As `source` has it.
  const sources =
    mode === 'reflect'
      ? b.sub(last, abs(b.sub(last, abs(from))))
      : b.one('minimum', [b.one('maximum', [from, b.number(0)]), last]);
  const indices = b.one('cast', [sources], { to: 'int32' });
  return b.one('scatter_add', [gradient, indices], { axis, size, shared: [] });
}

/** A mirror image is shorter than what it mirrors, because the element at the mirror is not repeated (N4006). */
function expectMirrored(
  ctx: ShapeContext,
  x: TensorType,
  { axis, before, after }: PadAttributes['over'][number],
): boolean {
  const size = findAxis(x, axis)?.size ?? zero;
  return [before, after].every((pad) =>
    ctx.require(
      compare(size, '>=', add(pad, constant(1))),
      'N4006',
      () =>
        `\`pad\` mirrors ${print(pad)} elements of axis ${axis} of ${printType(x)}, beside the one at its end`,
    ),
  );
}

const modes = ['constant', 'reflect', 'edge'] as const;

export const pad = surfaceOp({
  name: 'pad',
  doc: 'Elements more at the ends of axes: a value (`constant`), the elements mirrored at the last one (`reflect`), or the last one repeated (`edge`). `over` pads both ends alike, `before` and `after` one of them.',
  example: 'pad(over: [H: 1, W: 1], mode: reflect)(x)',
  arguments: {
    over: {
      kind: 'axisSizes',
      optional: true,
      default: 'none',
      doc: 'axes, and how many elements each end gets',
    },
    before: {
      kind: 'axisSizes',
      optional: true,
      default: 'none',
      doc: 'how many elements come before the first',
    },
    after: {
      kind: 'axisSizes',
      optional: true,
      default: 'none',
      doc: 'how many elements come behind the last',
    },
    mode: {
      kind: 'choice',
      choices: modes,
      optional: true,
      default: 'constant',
      doc: 'what the elements are',
    },
    value: { kind: 'number', optional: true, default: '0', doc: 'of `constant`' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { over = [], before = [], after = [], mode = 'constant', value = 0 }, operands) {
    const x = tensorOperand(b, 'pad', operands);
    if (x === undefined) return undefined;
    const names = [...new Set([...over, ...before, ...after].map(({ axis }) => axis))];
    if (names.length === 0)
      return b.fail('N3010', '`pad` needs at least one axis', ['for example `pad(over: [H: 1, W: 1])`']);
    const twice = over.find(({ axis }) => [...before, ...after].some((side) => side.axis === axis));
    if (twice !== undefined)
      return b.fail('N4003', `\`pad\` is given axis ${twice.axis} in \`over\`, and one of its ends besides`);
    const given = [...over, ...before, ...after].map(({ axis, size }) =>
      expectAtLeast(b, size, 0, `what \`pad\` adds along ${axis}`),
    );
    const known = modes.find((name) => name === mode);
    if (given.includes(false) || known === undefined) return undefined;
    const at = (sides: readonly AxisSize[], name: string): Size =>
      [...over, ...sides].find(({ axis }) => axis === name)?.size ?? zero;
    const pads = names.map((axis) => ({ axis, before: at(before, axis), after: at(after, axis) }));
    return b.emitOne(padOver, [x], { over: pads, mode: known, value });
  },
});
