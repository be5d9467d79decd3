import type { InferenceSession } from 'onnxruntime-node';
import type { Graph, GraphValue } from '../compiler/ir/graph.ts';
import { GraphShapeContext } from '../compiler/ir/graph-shape-context.ts';
import { tensorType } from '../compiler/ir/tensor-type.ts';
import { encodeOnnx } from '../compiler/lower/onnx/encode.ts';
import type { OnnxForm } from '../compiler/lower/onnx/forms/form.ts';
import { lowerOnnx } from '../compiler/lower/onnx/lower-onnx.ts';
import { elementCount, type ConcreteType, type NdArray } from '../compiler/ops/nd-array.ts';
import type { Sample } from '../compiler/ops/op.ts';
import type { Attributes } from '../compiler/ops/attributes.ts';
import { ops } from '../compiler/ops/registry.ts';
import { numberOf } from '../compiler/ops/sizes-of.ts';
import { applyForms } from '../compiler/passes/apply-forms.ts';
import { layout } from '../compiler/passes/layout.ts';
import { uniforms } from '../compiler/random/generator.mjs';
import { constant } from '../compiler/shapes/size.ts';
import { Span } from '../compiler/source/span.ts';

/** What ONNX Runtime makes of a form, all outputs in a row, and what the op is defined to be. */
export interface FormResult {
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

/**
 * Runs a form on one of its samples on this machine's CPU, as a training step is run: not optimised. Rejects where ONNX
 * Runtime refuses it.
 */
export async function runForm(form: OnnxForm, sample: Sample<Attributes>): Promise<FormResult> {
  const definition = ops.get(form.op);
  if (definition === undefined) throw new Error(`there is no op ${form.op}`);
  const { attributes } = sample;
  const xs = sample.inputs.map((type, id): GraphValue => ({ id, hint: `x${id}`, type: symbolic(type) }));
  const inferred = definition.infer(xs.map(({ type }) => type), attributes, new GraphShapeContext()); // prettier-ignore
  const ys = (inferred ?? []).map((type, i): GraphValue => ({ id: xs.length + i, hint: `y${i}`, type }));
  const graph: Graph = {
    name: form.op,
    dynamic: [],
    inputs: xs.map((value) => ({ name: value.hint, value, pixels: undefined })),
    params: [],
    nodes: [{ op: form.op, attributes, inputs: xs, outputs: ys, path: form.op, span: Span.startOf('form') }],
    outputs: ys.map((value) => ({ name: value.hint, value, labels: undefined })),
    updates: [],
    blocks: [],
  };
  const physical = layout(graph, 'channels-first');
  const nodes = physical.nodes.filter((node) => node.kind === 'op');
  const formed = applyForms(physical, new Map(nodes.map((node) => [node, form])));
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '', docs: [] };
  const { model } = lowerOnnx(formed, new Map(), provenance);
  if (model === undefined) throw new Error(`${form.op} has no sample of fixed sizes`);
  const inputs = sample.inputs.map((type, i): NdArray => {
    const [low, high] = sample.ranges?.[i] ?? [-1, 1];
    const data = uniforms(elementCount(type), 0, `${form.op}/x${i}`).map((u) => low + (high - low) * u);
    return { type, data: Float64Array.from(data) };
  });
  const actual = await run(
    await encodeOnnx(model),
    inputs,
    ys.map(({ hint }) => hint),
  );
  const expected = definition.evaluate(inputs, attributes, ys.map(concrete)).flatMap(({ data }) => [...data]);
  return { actual, expected };
}

async function run(
  file: Uint8Array,
  inputs: readonly NdArray[],
  names: readonly string[],
): Promise<ArrayLike<number>> {
  const ort = await import('onnxruntime-node');
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  };
  const session = await ort.InferenceSession.create(file, options);
  try {
    const feeds = inputs.map(({ type, data }, i) => {
      const dims = type.axes.map(({ size }) => size);
      return [`x${i}`, new ort.Tensor('float32', Float32Array.from(data), dims)] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    return names.flatMap((name) => {
      const data = results[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the graph gave no ${name}`);
      return [...data];
    });
  } finally {
    await session.release();
  }
}

function symbolic({ dtype, axes }: ConcreteType) {
  return tensorType(axes.map(({ name, size }) => ({ name, size: constant(size) })), dtype); // prettier-ignore
}

function concrete({ type: { dtype, axes } }: GraphValue): ConcreteType {
  return { dtype, axes: axes.map(({ name, size }) => ({ name, size: numberOf(size) })) };
}
