import { isOpaque, isSame, print, type SizeExpression } from './size-expression.ts';

export type Axes = ReadonlyMap<string, SizeExpression>;

export interface TensorType {
  readonly dtype: 'f32' | 'int32' | 'bool';
  readonly axes: Axes;
  /** The rest variable that stands for further axes; undefined where there are none. */
  readonly rest: string | undefined;
}

/** A value of a block by its name. */
export interface Tensor extends TensorType {
  readonly name: string;
  /**
   * Whether its elements are the same numbers on every target, to the last bit: inputs, integers, and what is only moved
   * about. What decides by comparing must have such operands, since rounding would tip it.
   */
  readonly isExact: boolean;
}

/** As a signature writes it: `int32[N, C: 2 * C, ...R]`. */
export function printType({ dtype, axes, rest }: TensorType): string {
  const parts = [...axes].map(([name, size]) => {
    const text = print(size);
    return text === name ? name : `${name}: ${text}`;
  });
  return `${dtype === 'f32' ? '' : dtype}[${[...parts, ...(rest === undefined ? [] : [`...${rest}`])].join(', ')}]`;
}

/** Axes but that of the samples: those which statements work on. */
export function innerAxes({ axes }: TensorType): readonly string[] {
  return [...axes.keys()].filter((name) => name !== 'N');
}

/** Those of which parameters may have the size. */
export function writtenAxes(type: TensorType): readonly string[] {
  return innerAxes(type).filter((name) => !isOpaque(sizeOf(type, name)));
}

export function sizeOf({ axes }: TensorType, name: string): SizeExpression {
  const size = axes.get(name);
  if (size === undefined) throw new Error(`there is no axis ${name}`);
  return size;
}

/** With some axes of other sizes, or new ones. */
export function withAxes<T extends TensorType>(type: T, sizes: Readonly<Record<string, SizeExpression>>): T {
  return { ...type, axes: new Map([...type.axes, ...Object.entries(sizes)]) };
}

export function withoutAxes<T extends TensorType>(type: T, names: readonly string[]): T {
  return { ...type, axes: new Map([...type.axes].filter(([name]) => !names.includes(name))) };
}

export function renamed<T extends TensorType>(type: T, names: ReadonlyMap<string, string>): T {
  return { ...type, axes: new Map([...type.axes].map(([name, size]) => [names.get(name) ?? name, size])) };
}

/** Whether both have the same axes, of sizes that are written alike. */
export function isSameShape(a: TensorType, b: TensorType): boolean {
  return a.rest === b.rest && a.axes.size === b.axes.size && isPart(a, b);
}

/** Whether each axis of `a` is one of `b`. */
export function isPart(a: TensorType, b: TensorType): boolean {
  if (a.rest !== undefined && a.rest !== b.rest) return false;
  return [...a.axes].every(([name, size]) => {
    const other = b.axes.get(name);
    return other !== undefined && isSame(size, other);
  });
}
