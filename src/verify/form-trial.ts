import { GraphShapeContext } from '../compiler/ir/graph-shape-context.ts';
import type { Graph, GraphNode, GraphValue } from '../compiler/ir/graph.ts';
import { tensorType, type TensorType } from '../compiler/ir/tensor-type.ts';
import { encodeOnnx } from '../compiler/lower/onnx/encode.ts';
import type { PhysicalNode } from '../compiler/ir/physical.ts';
import type { OnnxForm } from '../compiler/lower/onnx/forms/form.ts';
import { lowerOnnx } from '../compiler/lower/onnx/lower-onnx.ts';
import type { Attributes } from '../compiler/ops/attributes.ts';
import { elementCount, type ConcreteType, type NdArray } from '../compiler/ops/nd-array.ts';
import type { Sample } from '../compiler/ops/op.ts';
import { ops } from '../compiler/ops/registry.ts';
import { numberOf } from '../compiler/ops/sizes-of.ts';
import { applyForms } from '../compiler/passes/apply-forms.ts';
import { layout } from '../compiler/passes/layout.ts';
import { uniforms } from '../compiler/random/generator.mjs';
import { constant } from '../compiler/shapes/size.ts';
import { Span } from '../compiler/source/span.ts';
import type { PlainTensors } from '../runtime/training/runner.ts';
import { plainTensor } from './plain-tensor.ts';
import type { Tensors } from './tensors.ts';

/** A form and what it is tried on. */
export interface FormCase {
  readonly form: OnnxForm;
  readonly sample: Sample<Attributes>;
}

/** Forms side by side in one ONNX graph, what it is given, and what it has to give for that. */
export interface FormTrial {
  readonly file: Uint8Array;
  readonly inputs: PlainTensors;
  /** The names of the outputs, in the order of `expected`. */
  readonly outputs: readonly string[];
  /** What the ops are defined to be, all outputs in a row. */
  readonly expected: readonly number[];
}

/** The trial of some forms, of which none reads what another gives. */
export async function makeFormTrial(name: string, cases: readonly FormCase[]): Promise<FormTrial> {
  const posed: PosedCase[] = [];
  for (const each of cases) posed.push(pose(each, posed));
  const nodes = posed.map(({ node }) => node);
  const xs = nodes.flatMap(({ inputs }) => inputs);
  const ys = nodes.flatMap(({ outputs }) => outputs);
  const graph: Graph = {
    name,
    dynamic: [],
    inputs: xs.map((value) => ({ name: value.hint, value, pixels: undefined })),
    params: [],
    nodes,
    outputs: ys.map((value) => ({ name: value.hint, value, labels: undefined })),
    updates: [],
    blocks: [],
  };
  const physical = layout(graph, 'channels-first');
  const forms = new Map(posed.map(({ node, form }) => [node.path, form]));
  const chosen = new Map<PhysicalNode, OnnxForm>();
  for (const node of physical.nodes) {
    const form = node.kind === 'op' ? forms.get(node.path) : undefined;
    if (form !== undefined) chosen.set(node, form);
  }
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '', docs: [] };
  const { model } = lowerOnnx(applyForms(physical, chosen), new Map(), provenance);
  if (model === undefined) throw new Error(`a form in ${name} has no sample of fixed sizes`);
  return {
    file: await encodeOnnx(model),
    inputs: Object.fromEntries(
      posed.flatMap(({ inputs }) => [...inputs].map(([name, array]) => [name, plainTensor(array)] as const)),
    ),
    outputs: ys.map(({ hint }) => hint),
    expected: posed.flatMap(({ expected }) => expected),
  };
}

interface PosedCase {
  readonly form: OnnxForm;
  readonly node: GraphNode;
  readonly inputs: Tensors;
  readonly expected: readonly number[];
}

/** A node of its own for a case, with names that none of those before has. */
function pose(
  { form, sample: { inputs: types, attributes, ranges } }: FormCase,
  before: readonly PosedCase[],
): PosedCase {
  const definition = ops.get(form.op);
  if (definition === undefined) throw new Error(`there is no op ${form.op}`);
  const first = before.reduce((sum, { node }) => sum + node.inputs.length + node.outputs.length, 0);
  const value = (prefix: string, id: number, type: TensorType): GraphValue => ({
    id,
    hint: `${prefix}${id}`,
    type,
  });
  const xs = types.map((type, i) => value('x', first + i, symbolic(type)));
  const inferred = definition.infer(xs.map(({ type }) => type), attributes, new GraphShapeContext()); // prettier-ignore
  const ys = (inferred ?? []).map((type, i) => value('y', first + xs.length + i, type));
  const inputs = types.map((type, i): NdArray => {
    const [low, high] = ranges?.[i] ?? [-1, 1];
    const data = uniforms(elementCount(type), 0, `${form.op}/x${i}`).map((u) => low + (high - low) * u);
    return { type, data: Float64Array.from(data) };
  });
  return {
    form,
    node: {
      op: form.op,
      attributes,
      inputs: xs,
      outputs: ys,
      path: `case${before.length}`,
      span: Span.startOf('form'),
    },
    inputs: new Map(inputs.map((array, i) => [`x${first + i}`, array])),
    expected: definition.evaluate(inputs, attributes, ys.map(concrete)).flatMap(({ data }) => [...data]),
  };
}

function symbolic({ dtype, axes }: ConcreteType): TensorType {
  return tensorType(axes.map(({ name, size }) => ({ name, size: constant(size) })), dtype); // prettier-ignore
}

function concrete({ type: { dtype, axes } }: GraphValue): ConcreteType {
  return { dtype, axes: axes.map(({ name, size }) => ({ name, size: numberOf(size) })) };
}
