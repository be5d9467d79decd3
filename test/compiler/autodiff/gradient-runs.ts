import { differentiate } from '../../../src/compiler/autodiff/differentiate.ts';
import type { Graph, GraphNode, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { tensorType, type TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import type { Op } from '../../../src/compiler/ops/op.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { centreBatchNorms } from '../../../src/compiler/training/centre-batch-norms.ts';
import { Span } from '../../../src/compiler/source/span.ts';
import { concreteType, randomArray, symbolic, type SampleRun } from '../ops/sample-runs.ts';

/** An op on one of its samples, followed by its gradients. */
export interface GradientRun {
  /** Its outputs are the gradients, `d0` of input 0 and so on, of the inputs of f32. */
  readonly graph: Graph;
  /** By name: `x0`, the op's inputs, and `g0`, the gradients of the loss by its outputs. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  readonly cotangents: readonly NdArray[];
}

const place = { path: 'op', span: Span.startOf('op.net') };

/** Whether a gradient can pass: from an f32 to an f32. */
export function isDifferentiable({ inputs, outputs }: SampleRun): boolean {
  return inputs.some(({ type }) => type.dtype === 'f32') && outputs.some(({ dtype }) => dtype === 'f32');
}

/** No loss depends on the state that a training pass leaves. */
export function isState({ op }: SampleRun, output: number): boolean {
  return [...ops.values()].some(
    ({ training }) => training?.op === op.name && training.state.some(([, at]) => at === output),
  );
}

/** Whether an op has a gradient, by itself or by what a step of training makes of it before it is differentiated. */
export function isDifferentiated(op: Op): boolean {
  return op.gradient !== undefined || op.name === 'batch_norm_train';
}

/** The graph of sum(g * op(x)) over all outputs of f32, differentiated. */
export function gradientRun(run: SampleRun): GradientRun {
  let nextId = 0;
  const value = (hint: string, type: TensorType): GraphValue => ({ id: nextId++, hint, type });
  const xs = run.inputs.map(({ type }, i) => value(`x${i}`, symbolic(type)));
  const ys = run.outputs.map((type, i) => value(`y${i}`, symbolic(type)));
  const isLoss = (i: number): boolean => ys[i]?.type.dtype === 'f32' && !isState(run, i);
  const gs = ys.map(({ type }, i) => value(`g${i}`, type));
  const nodes: GraphNode[] = [
    { op: run.op.name, attributes: run.sample.attributes, inputs: xs, outputs: ys, ...place },
  ];
  const emit = (op: string, inputs: readonly GraphValue[], type: TensorType, attributes = {}): GraphValue => {
    const output = value(op, type);
    nodes.push({ op, attributes, inputs, outputs: [output], ...place });
    return output;
  };
  const parts = ys.flatMap((y, i) => {
    const g = gs[i];
    if (g === undefined || !isLoss(i)) return [];
    const product = emit('mul', [y, g], y.type);
    const over = y.type.axes.map(({ name }) => name);
    return [over.length === 0 ? product : emit('sum', [product], tensorType([]), { over })];
  });
  const loss = parts.reduce((sum, part) => emit('add', [sum, part], tensorType([])));
  const wanted = xs.filter(({ type }) => type.dtype === 'f32');
  const used = gs.filter((_g, i) => isLoss(i));
  const graph: Graph = {
    name: 'op',
    dynamic: [],
    inputs: [...xs, ...used].map((x) => ({ name: x.hint, value: x, pixels: undefined })),
    params: [],
    nodes,
    outputs: [],
    updates: [],
    blocks: [],
  };
  const { graph: whole, gradients, diagnostics } = differentiate(centreBatchNorms.run(graph), loss, wanted);
  if (whole === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const outputs = wanted.map((x) => {
    const gradient = gradients.get(x.id);
    if (gradient === undefined) throw new Error(`${x.hint} has no gradient`);
    // An output's axes are in the order in which the test wants to see them.
    return { name: `d${x.hint.slice(1)}`, value: { ...gradient, type: x.type }, labels: undefined };
  });
  const cotangents = ys.map(({ type }, i) =>
    randomArray(concreteType(type), `${run.label} cotangent ${i}`, isLoss(i) ? [-1, 1] : [0, 0]),
  );
  const inputs = new Map<string, NdArray>(run.inputs.map((x, i) => [`x${i}`, x]));
  cotangents.forEach((g, i) => {
    if (isLoss(i)) inputs.set(`g${i}`, g);
  });
  return { graph: { ...whole, outputs }, inputs, cotangents };
}
