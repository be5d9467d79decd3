import type { TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import type { Code } from '../../../src/compiler/diagnostics/codes.ts';
import { elementCount, type ConcreteType, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import type { Op, Sample, ShapeContext } from '../../../src/compiler/ops/op.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { holds } from '../../../src/compiler/shapes/prop.ts';
import { constant, equalSize, isConstant } from '../../../src/compiler/shapes/size.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import { uniforms } from '../../../src/compiler/random/philox.ts';

/** One op on one of its samples, ready to run. */
export interface SampleRun {
  readonly label: string;
  readonly op: Op;
  readonly sample: Sample<Attributes>;
  readonly inputs: readonly NdArray[];
  readonly outputs: readonly ConcreteType[];
}

/** A shape context for sizes that are numbers; it keeps the complaints. */
export class ConcreteContext implements ShapeContext {
  readonly complaints: { readonly code: Code; readonly message: string }[] = [];

  equal = equalSize;

  require(prop: Parameters<ShapeContext['require']>[0], code: Code, reason: string): boolean {
    const valueOf = (): number => {
      throw new Error('a size in a test is not a number');
    };
    if (holds(prop, valueOf)) return true;
    this.fail(code, reason);
    return false;
  }

  fail(code: Code, message: string): undefined {
    this.complaints.push({ code, message });
    return undefined;
  }
}

export function symbolic(type: ConcreteType): TensorType {
  return {
    kind: 'tensor',
    dtype: type.dtype,
    axes: type.axes.map(({ name, size }) => ({ name, size: constant(size) })),
  };
}

export function concreteType(type: TensorType): ConcreteType {
  return {
    dtype: type.dtype,
    axes: type.axes.map(({ name, size }) => {
      const value = isConstant(size);
      if (value === undefined) throw new Error(`axis ${name} has no constant size`);
      return { name, size: value };
    }),
  };
}

/** Reproducible values in a range; whole numbers for int32, 0 and 1 for bool. */
export function randomArray(
  type: ConcreteType,
  name: string,
  [low, high]: readonly [number, number],
): NdArray {
  const draws = uniforms(elementCount(type), 7, name);
  const data = Float64Array.from(draws, (u) => {
    if (type.dtype === 'bool') return u < 0.5 ? 0 : 1;
    const value = low + (high - low) * u;
    // What a target computes in float32 it should be given exactly.
    return type.dtype === 'int32' ? Math.round(value) : Math.fround(value);
  });
  return { type, data };
}

/** Of the others only gradients are made, and a TensorFlow.js program differentiates by itself. */
export function isOfPrograms(op: Op): boolean {
  return op.tfjs !== undefined;
}

/** Every sample of every op. */
export function sampleRuns(wanted: (op: Op) => boolean = () => true): readonly SampleRun[] {
  return [...ops.values()]
    .filter(wanted)
    .flatMap((op) => op.samples.map((sample, index) => sampleRun(op, sample, index)));
}

/** A sample with values for its inputs. */
export function sampleRun(op: Op, sample: Sample<Attributes>, index: number): SampleRun {
  const ctx = new ConcreteContext();
  const inferred = op.infer(sample.inputs.map(symbolic), sample.attributes, ctx);
  const label = `${op.name} ${index}: ${sample.inputs.map(shapeText).join(' ')}`;
  if (inferred === undefined) throw new Error(`${label}: ${JSON.stringify(ctx.complaints)}`);
  const bounds = op.indexBounds?.(sample.inputs.map(symbolic), sample.attributes) ?? [];
  const inputs = sample.inputs.map((type, i) => {
    const below = bounds[i] && isConstant(bounds[i]);
    const range = below === undefined ? (sample.ranges?.[i] ?? [-2, 2]) : ([0, below - 1] as const);
    return randomArray(type, `${label} ${i}`, range);
  });
  return { label, op, sample, inputs, outputs: inferred.map(concreteType) };
}

function shapeText({ axes }: ConcreteType): string {
  return `[${axes.map(({ name, size }) => `${name}: ${size}`).join(', ')}]`;
}
