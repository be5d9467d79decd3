import { dynamicSources } from '../../ir/dynamic-sizes.ts';
import type { GraphInput, GraphValue } from '../../ir/graph.ts';
import type { PhysicalGraph, PhysicalOp, PhysicalParam } from '../../ir/physical.ts';
import { axisNames, type TensorType } from '../../ir/tensor-type.ts';
import type { Weights } from '../../ir/weights.ts';
import { errorAt, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ops } from '../../ops/registry.ts';
import type { Size } from '../../shapes/size.ts';
import { permute } from '../permute.ts';
import type { OnnxTensor } from './emitter.ts';
import { intoBlocks, outOfBlocks } from './forms/blocks.ts';
import { formOf } from './forms/registry.ts';
import { instanceOwners } from './instance-owners.ts';
import { describeModel, type Provenance } from './metadata.ts';
import { DynamicSizeError, OnnxGraphBuilder } from './onnx-graph-builder.ts';
import type { OnnxModel } from './onnx-model.ts';
import { prepareRawImage, rawImageInput, type RawImageInput } from './raw-images.ts';

export interface OnnxResult {
  /** Undefined where an op could not be lowered. */
  readonly model: OnnxModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface LowerOnnxOptions {
  /** Inputs `from pixels`, which must be such that `rawImageInput` takes them, are for decoded images of any size. */
  readonly prepareImages?: boolean;
  /**
   * Whether the weights are in the file, or the graph is given its parameters in each run, under their paths, and returns
   * the new values of those that change, under `nextName` of theirs. Then there must be a layout for that, too.
   */
  readonly parameters?: 'stored' | 'given';
}

/** The name of the output that takes the place of a parameter: no path that a source can give begins so. */
export function nextName(path: string): string {
  return `next.value/${path}`;
}

/** A graph as an ONNX model. Its parameters must all be among the weights, or given when it runs. */
export function lowerOnnx(
  graph: PhysicalGraph,
  weights: Weights,
  provenance: Provenance,
  { prepareImages = false, parameters = 'stored' }: LowerOnnxOptions = {},
): OnnxResult {
  const isGiven = parameters === 'given';
  const rawImages = new Map<GraphInput, RawImageInput>();
  for (const [i, input] of graph.inputs.entries()) {
    if (!prepareImages || input.pixels === undefined) continue;
    const raw = rawImageInput(input, i);
    if (raw === undefined) throw new Error(`${input.name} is no image that a graph can prepare`);
    rawImages.set(input, raw);
  }
  const inputs = graph.inputs.map((input): OnnxTensor => {
    const { dtype } = input.value.type;
    return rawImages.get(input)?.tensor ?? { name: input.name, dtype, dims: dimsOf(input.value.type) };
  });
  const given = isGiven
    ? graph.params.map(({ param, value }): OnnxTensor => ({
        name: param.path,
        dtype: 'f32',
        dims: dimsOf(value.type),
      }))
    : [];
  const updates = isGiven ? graph.updates : [];
  const outputNames = [
    ...graph.outputs.map(({ name }) => name),
    ...updates.map(({ path }) => nextName(path)),
  ];
  const sources = new Map(dynamicSources(graph));
  for (const raw of rawImages.values()) for (const [v, source] of raw.sources) sources.set(v, source);
  const builder = new OnnxGraphBuilder([...inputs, ...given], outputNames, sources);
  const tensors = new Map<number, OnnxTensor>();
  graph.inputs.forEach((input, i) => {
    const raw = rawImages.get(input);
    const tensor = raw === undefined ? inputs[i] : prepareRawImage(builder, raw);
    if (tensor !== undefined) tensors.set(input.value.id, tensor);
  });
  for (const [i, param] of graph.params.entries()) {
    tensors.set(param.value.id, given[i] ?? storeParameter(builder, param, weights));
  }
  const owners = instanceOwners(graph);
  for (const node of graph.nodes) {
    builder.at(node.path, owners.get(node));
    if (node.kind === 'transpose') {
      const input = tensorOf(tensors, node.input);
      tensors.set(
        node.output.id,
        builder.transpose(input, permutationBetween(node.input.type, node.output.type)),
      );
      continue;
    }
    if (node.kind === 'reorder') {
      const move = node.to === 'blocks' ? intoBlocks : outOfBlocks;
      tensors.set(node.output.id, move(builder, tensorOf(tensors, node.input)));
      continue;
    }
    try {
      lowerOp(builder, node, tensors);
    } catch (error) {
      if (!(error instanceof DynamicSizeError)) throw error;
      const message = `the onnx target cannot take \`${node.op}\` here: ${error.message}`;
      const help = 'give the input a fixed size, for instance a fixed batch with `--batch`';
      return { model: undefined, diagnostics: [errorAt('N7001', node.span, message, { help })] };
    }
  }
  const outputs = [...graph.outputs, ...updates].map(({ value }) => tensorOf(tensors, value));
  const model = {
    graph: builder.finish(graph.name, outputs),
    ...describeModel(graph, provenance, { prepareImages }),
  };
  return { model, diagnostics: [] };
}

function lowerOp(builder: OnnxGraphBuilder, node: PhysicalOp, tensors: Map<number, OnnxTensor>): void {
  const op = ops.get(node.op);
  if (op === undefined) throw new Error(`${node.path}: there is no op ${node.op}`);
  const lowering = node.form === undefined ? op : formOf(node);
  const lowered = lowering.onnx(builder, {
    attributes: node.attributes,
    inputs: node.inputs.map((value) => tensorOf(tensors, value)),
    inputTypes: node.inputs.map(({ type }) => type),
    outputTypes: node.outputs.map(({ type }) => type),
  });
  node.outputs.forEach((value, i) => {
    const tensor = lowered[i];
    if (tensor === undefined) throw new Error(`${node.path}: ${node.op} was lowered without its output ${i}`);
    tensors.set(value.id, tensor);
  });
}

function storeParameter(
  builder: OnnxGraphBuilder,
  { param, value }: PhysicalParam,
  weights: Weights,
): OnnxTensor {
  const data = weights.get(param.path);
  if (data === undefined) throw new Error(`${param.path}: no weights`);
  const dims = param.value.type.axes.map(({ size }) => builder.constant(size));
  const count = dims.reduce((product, size) => product * size, 1);
  if (data.length !== count)
    throw new Error(`${param.path}: ${data.length} weights where ${count} are needed`);
  const permutation = permutationBetween(param.value.type, value.type);
  const moved = permutation.some((axis, i) => axis !== i) ? permute(data, dims, permutation) : data;
  return builder.parameter(param.path, permutation.map((axis) => dims[axis] ?? 1), moved); // prettier-ignore
}

/** For each axis of `to`, its position in `from`. */
function permutationBetween(from: TensorType, to: TensorType): readonly number[] {
  const names = axisNames(from);
  return axisNames(to).map((name) => names.indexOf(name));
}

function tensorOf(tensors: ReadonlyMap<number, OnnxTensor>, value: GraphValue): OnnxTensor {
  const tensor = tensors.get(value.id);
  if (tensor === undefined) throw new Error(`%${value.id} (${value.hint}) is read before it is made`);
  return tensor;
}

function dimsOf(type: TensorType): readonly Size[] {
  return type.axes.map(({ size }) => size);
}
