import { findAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxAttribute } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { compare, divides } from '../shapes/prop.ts';
import {
  add,
  ceilDiv,
  constant,
  equalSize,
  floorDiv,
  isConstant,
  mul,
  print,
  sub,
  type Size,
} from '../shapes/size.ts';
import { forAxis, type AxisSize, type PaddingArgument, type PerAxis } from './arguments.ts';
import { expectAtLeast, expectAxes } from './axis-checks.ts';
import { replaced, sizeOf, type ConcreteType } from './nd-array.ts';
import type { ShapeContext } from './op.ts';
import { numberOf } from './sizes-of.ts';

/** How a kernel moves along one axis. `before` and `after` are the padding at either end. */
export type Window = {
  readonly axis: string;
  readonly kernel: Size;
  readonly stride: Size;
  readonly dilation: Size;
  readonly before: Size;
  readonly after: Size;
  /** Both ends are padded alike: what the sizes alone do not show of an odd kernel whose size is symbolic. */
  readonly even?: true;
  /** The last window may reach beyond the padding, over elements that do not exist. */
  readonly ceil?: true;
};

const one = constant(1);
const zero = constant(0);

export function isPadded(windows: readonly Window[]): boolean {
  return windows.some(({ before, after }) => before.value !== 0 || after.value !== 0);
}

/** Whether each place of a window is a single element, at whatever stride. */
export function isPoint(window: Window): boolean {
  return window.kernel.value === 1 && !isPadded([window]);
}

/** Whether the places of a window are the elements of the axis, one by one. */
export function isPointwise(window: Window): boolean {
  return isPoint(window) && window.stride.value === 1;
}

/** The number of elements from the first that a kernel reads to the last, both included. */
function extent({ kernel, dilation }: Window): Size {
  return add(mul(dilation, sub(kernel, one)), one);
}

/** How many places the window has along an axis of this size. */
export function outputSize(window: Window, size: Size): Size {
  const padded = add(add(size, window.before), window.after);
  const divide = window.ceil === true ? ceilDiv : floorDiv;
  return add(divide(sub(padded, extent(window)), window.stride), one);
}

/** How far the last window reaches beyond the padding. */
function overhang(window: Window, size: Size): Size {
  if (window.ceil !== true) return zero;
  const padded = add(add(size, window.before), window.after);
  const steps = sub(outputSize(window, size), one);
  return sub(add(mul(steps, window.stride), extent(window)), padded);
}

/** A window and how far the last one reaches beyond the padding. */
export type ReachingWindow = Window & { readonly overhang: Size };

export function reaching(type: TensorType, windows: readonly Window[]): readonly ReachingWindow[] {
  return windows.map((window) => {
    const size = findAxis(type, window.axis)?.size ?? zero;
    return { ...window, overhang: overhang(window, size) };
  });
}

/** The window as targets are told of it that would not go on beyond the padding: with more of that. */
export function withOverhang(window: ReachingWindow): Window {
  const { axis, kernel, stride, dilation, before, after, overhang: more } = window;
  return more.value === 0 ? window : { axis, kernel, stride, dilation, before, after: add(after, more) };
}

/** The arguments that conv and pooling share, as a user gives them. */
export interface WindowArguments {
  readonly over: readonly AxisSize[];
  readonly stride: PerAxis | undefined;
  readonly dilation: PerAxis | undefined;
  readonly padding: PaddingArgument | undefined;
}

/**
 * Windows from a user's arguments; undefined after a complaint (N3010 for numbers out of range, N4003 for an axis
 * named twice). `same` pads dilation * (kernel - 1) in all, half at either end, and so asks for odd kernels.
 *
 * @param defaults the padding that is meant when none is given, and the stride (by default 1) for a kernel
 */
export function windowsFrom(
  ctx: ShapeContext,
  op: string,
  given: WindowArguments,
  defaults: { readonly padding: PaddingArgument; readonly stride: (kernel: Size) => Size },
): readonly Window[] | undefined {
  const names = given.over.map(({ axis }) => axis);
  if (names.length === 0 || names.length > 3) {
    return ctx.fail('N3010', `${op} works over one to three axes, not ${names.length}`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return ctx.fail('N4003', `${op} names axis ${twice} twice`);
  const padding = given.padding ?? defaults.padding;
  const explicit = padding.kind === 'explicit' ? padding.by : undefined;
  for (const [what, perAxis] of [
    ['stride', given.stride],
    ['dilation', given.dilation],
    ['padding', explicit],
  ] as const) {
    const stray =
      perAxis?.kind === 'each' ? perAxis.sizes.find(({ axis }) => !names.includes(axis)) : undefined;
    if (stray !== undefined) {
      return ctx.fail('N3010', `${op} has a ${what} for axis ${stray.axis}, but no kernel along it`, [
        `it works over ${names.join(', ')}`,
      ]);
    }
  }
  const windows: Window[] = [];
  for (const { axis, size: kernel } of given.over) {
    const stride = forAxis(given.stride, axis, defaults.stride(kernel));
    const dilation = forAxis(given.dilation, axis, one);
    const pad = forAxis(explicit, axis, zero);
    const inRange = [
      expectAtLeast(ctx, kernel, 1, `the kernel of ${op} along ${axis}`),
      expectAtLeast(ctx, stride, 1, `the stride of ${op} along ${axis}`),
      expectAtLeast(ctx, dilation, 1, `the dilation of ${op} along ${axis}`),
      expectAtLeast(ctx, pad, 0, `the padding of ${op} along ${axis}`),
    ];
    // Along the other axes it would mostly be the same mistake.
    if (inRange.includes(false)) return undefined;
    if (padding.kind === 'same') {
      if (!expectOdd(ctx, op, axis, kernel)) return undefined;
      const total = mul(dilation, sub(kernel, one));
      const before = floorDiv(total, constant(2));
      windows.push({ axis, kernel, stride, dilation, before, after: sub(total, before), even: true });
    } else windows.push({ axis, kernel, stride, dilation, before: pad, after: pad });
  }
  return windows;
}

function expectOdd(ctx: ShapeContext, op: string, axis: string, kernel: Size): boolean {
  const value = isConstant(kernel);
  if (value === undefined) {
    const reason = `\`padding: same\` of ${op} needs an odd kernel along ${axis}`;
    return ctx.require(divides(sub(kernel, one), constant(2)), 'N3010', reason);
  }
  if (value % 2 === 1) return true;
  ctx.fail(
    'N3010',
    `\`padding: same\` needs odd kernels, and that of ${op} along ${axis} is ${value}`,
    ['half the padding goes to each end, which an even kernel does not allow'],
    {
      help: `take a kernel of ${value - 1} or ${value + 1}, \`padding: valid\`, or a number for the padding`,
    },
  );
  return false;
}

/** The axes that the windows make of those of `x`; N4002 where one is missing, N4009 where a kernel does not fit. */
export function slide(
  ctx: ShapeContext,
  op: string,
  x: TensorType,
  windows: readonly Window[],
  help?: string,
): readonly Axis[] | undefined {
  const axes = expectAxes(
    ctx,
    op,
    x,
    windows.map(({ axis }) => axis),
    help,
  );
  if (axes === undefined) return undefined;
  // Alike along all axes, as most kernels are, a misfit is one mistake: said of the first.
  const fits = windows.every((window) => {
    const size = findAxis(x, window.axis)?.size ?? zero;
    const padded = add(add(size, window.before), window.after);
    const reason = (): string => {
      const padding = add(window.before, window.after);
      const room = padding.value === 0 ? print(size) : `${print(size)} and ${print(padding)} of padding`;
      return `${op} slides a kernel that spans ${print(extent(window))} along ${window.axis} of ${printType(x)}, where there are ${room}`;
    };
    return ctx.require(compare(padded, '>=', extent(window)), 'N4009', reason, () => {
      const needed = sub(extent(window), add(window.before, window.after)).value;
      const larger = needed === undefined ? 'larger' : `at least ${needed}`;
      return `let ${window.axis} be ${larger} here, by a larger input or fewer strides before, or take a smaller kernel or more padding`;
    });
  });
  if (!fits) return undefined;
  return windows.map((window) => ({
    name: window.axis,
    size: outputSize(window, findAxis(x, window.axis)?.size ?? zero),
  }));
}

/** What the windows make of a type whose sizes are known and on which they fit. */
export function slidType(x: ConcreteType, windows: readonly Window[]): ConcreteType {
  return windows.reduce((type, window) => {
    const size = numberOf(outputSize(window, constant(sizeOf(type, window.axis))));
    return replaced(type, window.axis, [{ name: window.axis, size }]);
  }, x);
}

/** The windows in the order in which a physical tensor has their axes. */
export function windowsInOrder<W extends Window>(type: TensorType, windows: readonly W[]): readonly W[] {
  const byAxis = new Map(windows.map((window) => [window.axis, window]));
  return type.axes.flatMap(({ name }) => byAxis.get(name) ?? []);
}

/** The attributes of ONNX' Conv and pooling operators; all of them are written out. */
export function windowAttributes(e: OnnxEmitter, windows: readonly Window[]): Record<string, OnnxAttribute> {
  const all = (pick: (window: Window) => Size): readonly number[] =>
    windows.map((window) => e.constant(pick(window)));
  return {
    kernel_shape: { type: 'ints', value: all(({ kernel }) => kernel) },
    strides: { type: 'ints', value: all(({ stride }) => stride) },
    pads: { type: 'ints', value: [...all(({ before }) => before), ...all(({ after }) => after)] },
  };
}

/** `2` where all are equal, else `[2, 1]`. */
export function tfjsPerAxis(e: TfjsEmitter, sizes: readonly Size[]): string {
  const [first] = sizes;
  if (first !== undefined && sizes.every((size) => equalSize(size, first))) return e.size(first);
  return e.shape(sizes);
}

/** Padding of [batch, ...axes, channels] as `tf.pad` takes it. */
export function tfjsPads(e: TfjsEmitter, windows: readonly Window[]): string {
  return `[[0, 0], ${windows.map(({ before, after }) => e.shape([before, after])).join(', ')}, [0, 0]]`;
}

/**
 * The `pad` argument of the functions on [batch, height, width, channels]: one number where the windows are alike along
 * both axes. Where they are not, a number would be misread: the width's output is computed from the height's window.
 */
export function tfjsPadArgument(e: TfjsEmitter, windows: readonly Window[]): string {
  if (!isPadded(windows)) return `'valid'`;
  const [first] = windows;
  const alike = windows.every(
    (window) =>
      first !== undefined &&
      equalSize(window.kernel, first.kernel) &&
      equalSize(window.stride, first.stride) &&
      equalSize(window.dilation, first.dilation) &&
      equalSize(window.before, first.before) &&
      (window.even === true || equalSize(window.after, first.before)),
  );
  return alike && first !== undefined ? e.size(first.before) : tfjsPads(e, windows);
}

/** For one position of the kernels: which of their elements lie inside, and where. */
export interface Placement {
  /** Offset of the results of this position, from strides of the output. */
  readonly output: number;
  /** For each element inside: the offset in the input, */
  readonly inputs: readonly number[];
  /** and the number of the element in the kernel, row-major in the order of the windows. */
  readonly taps: readonly number[];
  /** How many elements lie inside or in the padding; only windows with `ceil` reach further. */
  readonly padded: number;
}

/**
 * All positions of the kernels on the arrays of the interpreter; elements in the padding are left out.
 *
 * @param inputStride offset of one step along an axis of the input; `outputStride` likewise
 */
export function placements(
  windows: readonly Window[],
  input: ConcreteType,
  output: ConcreteType,
  inputStride: (axis: string) => number,
  outputStride: (axis: string) => number,
): readonly Placement[] {
  const start: readonly Placement[] = [{ output: 0, inputs: [0], taps: [0], padded: 1 }];
  return windows.reduce((partial, window) => {
    const kernel = numberOf(window.kernel);
    const [stride, dilation] = [numberOf(window.stride), numberOf(window.dilation)];
    const [before, after] = [numberOf(window.before), numberOf(window.after)];
    const size = sizeOf(input, window.axis);
    const positions = Array.from({ length: sizeOf(output, window.axis) }, (_, i) => i);
    return partial.flatMap((so) =>
      positions.map((position) => {
        const inputs: number[] = [];
        const taps: number[] = [];
        so.inputs.forEach((offset, k) => {
          for (let tap = 0; tap < kernel; tap++) {
            const index = position * stride - before + tap * dilation;
            if (index < 0 || index >= size) continue;
            inputs.push(offset + index * inputStride(window.axis));
            taps.push((so.taps[k] ?? 0) * kernel + tap);
          }
        });
        const reached = Math.ceil((size + after - (position * stride - before)) / dilation);
        const padded = so.padded * Math.min(kernel, reached);
        return { output: so.output + position * outputStride(window.axis), inputs, taps, padded };
      }),
    );
  }, start);
}
