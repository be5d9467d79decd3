import type { AttributeValue } from '../../../src/compiler/ops/attributes.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { Size } from '../../../src/compiler/shapes/polynomial.ts';
import type { SafeTensor } from '../../../src/runtime/safetensors.ts';
import type { SampleRun } from './sample-runs.ts';

/** A run as a case of `test/oracle/ops.py`. */
export function askedOf({ op, sample, inputs, outputs }: SampleRun) {
  return {
    op: op.name,
    attributes: plain(sample.attributes),
    inputs: inputs.map(({ type }) => ({ dtype: type.dtype, axes: type.axes.map(({ name }) => name) })),
    outputs: outputs.map(({ axes }) => axes.map(({ name }) => name)),
  };
}

/** The values of a tensor in an exchange with an oracle. */
export function exchanged({ type, data }: NdArray): SafeTensor {
  return { dtype: 'F64', shape: type.axes.map(({ size }) => size), data: new Float64Array(data) };
}

/** Attributes as JSON: sizes are numbers. */
function plain(value: AttributeValue): unknown {
  if (value instanceof Size) return value.value;
  if (typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
