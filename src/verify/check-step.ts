import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { lossName } from '../compiler/ir/loss.ts';
import type { Module, TrainingEntry } from '../compiler/ir/module.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { encodeOnnx } from '../compiler/lower/onnx/encode.ts';
import { nextName } from '../compiler/lower/onnx/lower-onnx.ts';
import type { OnnxModel } from '../compiler/lower/onnx/onnx-model.ts';
import type { NdArray } from '../compiler/ops/nd-array.ts';
import { elements, numberOf } from '../compiler/ops/sizes-of.ts';
import { cost } from '../compiler/passes/cost.ts';
import { initialWeights } from '../compiler/targets/initial-weights.ts';
import { emitEvaluation, emitStep, type Emitted } from '../compiler/targets/onnx-train.ts';
import { evaluationGraph, trainingStep } from '../compiler/targets/training-step.ts';
import { packValues, unpackValues } from '../compiler/training/places.ts';
import { evaluateScalar } from '../compiler/training/scalar.ts';
import { changeDifference } from './change-difference.ts';
import { checkGradient } from './check-gradient.ts';
import { difference, magnitude } from './difference.ts';
import { EngineError, startOnnx, type OnnxEngine } from './onnx-engine.ts';
import { stateFloors } from './state-floors.ts';
import type { Outputs, Tensors } from './tensors.ts';
import { trainingInputs } from './training-inputs.ts';

/** What a step made beside what it ought to have made, as shares; limits are the caller's. */
export interface StepDifferences {
  /** Of the loss of the step, and of loss and outputs in inference mode. */
  readonly losses: number;
  /** Of the gradient along one direction, and by how much rounding alone moves it. */
  readonly gradient: number;
  readonly sensitivity: number;
  /** Of the change of weights and slots, where gradients are not so small that rounding decides on them. */
  readonly updates: number;
}

const batch = 4;
const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };

/** With so high a rate, what plain gradient descent takes from a weight is the gradient to all the digits of float32. */
const highRate = 2 ** 20;
const plainDescent = (training: TrainingEntry): TrainingEntry => ({
  ...training,
  optimizer: { name: 'sgd', args: { lr: 1 }, span: training.optimizer.span },
  clipping: undefined,
  accumulation: 1,
  averaging: undefined,
});

/** The floating point operations that `stepDifferences` asks of the interpreter. */
export function stepFlops(module: Module): number {
  const { step } = trainingStep(module, { batch });
  // A step, and the forward pass six times.
  return step === undefined ? 0 : 3 * (cost(step.graph)[0]?.flops ?? 0);
}

/** Runs the graphs of the target `onnx-train` for a small batch against the interpreter, on equal weights and inputs. */
export async function stepDifferences(module: Module): Promise<StepDifferences> {
  const { training } = module;
  if (training === undefined) throw new Error(`${module.model.name} has no \`train\``);
  const stages = new Map<string, Graph>();
  const after = (stage: string, graph: Graph): void => void stages.set(stage, graph);
  const step = made(emitStep(module, { batch, provenance, after }));
  const [forward, whole] = [need(stages.get('random-inputs')), need(stages.get('average'))];
  const weights = new Map(initialWeights(forward.params, training.seed));
  const slots = whole.params.filter(({ role }) => role === 'slot');
  const given = new Map([
    ...slots.map(({ path, value }) => [path, new Float32Array(numberOf(elements(value.type)))] as const),
    ...packValues(step.places, weights),
  ]);
  const inputs = new Map([
    ...trainingInputs(forward, module, batch),
    ...step.scalars.map(({ name, scalar }): [string, NdArray] => {
      const value = evaluateScalar(scalar, { rate: 1e-3, step: 1 });
      return [name, numberArray(Math.fround(value))];
    }),
  ]);
  const sample = new Map([...inputs].filter(([name]) => forward.inputs.some((input) => input.name === name)));
  const gradientsAt = await gradientsBy(module, forward, sample);
  const { relative, sensitivity } = await checkGradient({ graph: forward, inputs: sample, weights, reach: 1, gradientsAt }); // prettier-ignore
  const gradients = await gradientsAt(weights);
  const actual = await withEngine(step.model, (engine) => run(engine, step.model, inputs, given));
  const expected = interpretGraph(whole, inputs, given);
  const floors = stateFloors(forward, sample, weights);
  const [before, now, wanted] = [
    unpackValues(step.places, given),
    unpackValues(step.places, nextValues(actual)),
    unpackValues(step.places, new Map(Array.from(expected.updates, ([path, { data }]) => [path, data]))),
  ];
  const largest = Math.max(0, ...Array.from(gradients.values(), magnitude));
  const changes = [...wanted].map(([path, data]) => {
    const gradient = gradients.get(path.replace(/^optimizer\.\w+\//, ''));
    const change = { before: need(before.get(path)), actual: need(now.get(path)), expected: data };
    return changeDifference(change, { gradient, largest, floor: floors.get(path) ?? 0 });
  });
  return {
    losses: Math.max(
      difference(need(actual.get(lossName)).data, need(expected.outputs.get(lossName)).data).relative,
      await evaluationDifference(module, weights),
    ),
    gradient: relative(),
    sensitivity: await sensitivity(),
    updates: Math.max(0, ...changes),
  };
}

/** The gradients of the step graph, by what plain descent makes of weights. */
async function gradientsBy(
  module: Module,
  forward: Graph,
  given: Tensors,
): Promise<(at: Weights) => Promise<ReadonlyMap<string, Float64Array>>> {
  const training = module.training && plainDescent(module.training);
  const { model, scalars, places } = made(emitStep({ ...module, training }, { batch, provenance }));
  const inputs = new Map(given);
  for (const { name } of scalars) inputs.set(name, numberArray(highRate));
  const file = await encodeOnnx(model);
  return async (at) => {
    const engine = await startOnnx(file);
    const outputs = await run(engine, model, inputs, packValues(places, at)).finally(() => engine.close());
    return gradientsOf(forward, at, unpackValues(places, nextValues(outputs)));
  };
}

async function evaluationDifference(module: Module, weights: Weights): Promise<number> {
  const { graph } = evaluationGraph(module);
  const evaluation = made(emitEvaluation(module, { provenance }));
  const inputs = trainingInputs(need(graph), module, batch);
  return withEngine(evaluation.model, async (engine) => {
    const actual = await run(engine, evaluation.model, inputs, weights);
    const { outputs } = interpretGraph(need(graph), inputs, weights);
    const differences = [...outputs].map(
      ([name, { data }]) => difference(need(actual.get(name)).data, data).relative,
    );
    return Math.max(...differences);
  });
}

function gradientsOf(
  { params }: Graph,
  weights: Weights,
  next: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float64Array> {
  const found = new Map<string, Float64Array>();
  for (const { path, role } of params) {
    const [before, after] = [weights.get(path), next.get(path)];
    if (role !== 'weight' || before === undefined) continue;
    // A weight that the loss does not depend on stays.
    const gradient = (now: number, i: number): number => (now - (after?.[i] ?? now)) / highRate;
    found.set(path, Float64Array.from(before, gradient));
  }
  return found;
}

/** The new values of what a step replaces, by path. */
function nextValues(outputs: Outputs): ReadonlyMap<string, Float32Array> {
  const prefix = nextName('');
  return new Map(
    [...outputs]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { data }]) => [name.slice(prefix.length), Float32Array.from(data)]),
  );
}

/** Runs a graph with its parameters, by path. */
async function run(
  engine: OnnxEngine,
  { graph }: OnnxModel,
  inputs: Tensors,
  parameters: Weights,
): Promise<Outputs> {
  const feeds = new Map(inputs);
  for (const { name, dims } of graph.inputs) {
    const data = parameters.get(name);
    if (data === undefined) continue;
    const axes = dims.map((size, i) => ({ name: String(i), size: numberOf(size) }));
    feeds.set(name, { type: { dtype: 'f32', axes }, data: Float64Array.from(data) });
  }
  return engine.run(feeds);
}

async function withEngine<T>(model: OnnxModel, action: (engine: OnnxEngine) => Promise<T>): Promise<T> {
  const engine = await startOnnx(await encodeOnnx(model));
  try {
    return await action(engine);
  } finally {
    await engine.close();
  }
}

function numberArray(value: number): NdArray {
  return { type: { dtype: 'f32', axes: [] }, data: Float64Array.of(value) };
}

function made<T>({ made: result, diagnostics }: Emitted<T>): T {
  if (result === undefined) throw new EngineError(diagnostics.map(({ message }) => message).join('; '));
  return result;
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a step lacks one of its values');
  return value;
}
