import { differentiate } from '../autodiff/differentiate.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import { lossOf } from '../ir/loss.ts';
import type { Module } from '../ir/module.ts';
import { fixSizes } from '../passes/fix-sizes.ts';
import { runPasses, type Pass } from '../passes/pass.ts';
import { forwardPasses } from '../passes/pipelines.ts';
import { centreBatchNorms } from '../training/centre-batch-norms.ts';
import { randomInputs, type RandomInput } from '../training/random-inputs.ts';
import type { Slope } from '../training/slope.ts';
import { batchSize } from './inference-graph.ts';

/** The loss of a batch and its gradients: a step of training up to where clipping and optimiser begin. */
export interface GradientGraph {
  /** Inputs: those of the model, the targets, random numbers. Output: the loss. Updates: the new state. */
  readonly graph: Graph;
  /** Of each weight that the loss depends on. */
  readonly slopes: readonly Slope[];
  readonly draws: readonly RandomInput[];
}

export interface GradientGraphResult {
  /** Undefined after a diagnostic. */
  readonly gradients: GradientGraph | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Hears the graph after each stage, by name. */
export type Observe = (stage: string, graph: Graph) => void;

/** What is better done before the backward pass follows from the forward pass. */
const beforeGradients: readonly Pass[] = [...forwardPasses, centreBatchNorms];

/** The names of the stages, in their order. */
export const gradientStages: readonly string[] = [
  'flatten',
  'fix-sizes',
  'random-inputs',
  ...beforeGradients.map(({ name }) => name),
  'differentiate',
];

/** Forward pass, loss and backward pass of the `train` of a module, for batches of one size. */
export function gradientGraph(
  module: Module,
  { batch, after }: { readonly batch: number; readonly after?: Observe },
): GradientGraphResult {
  const { graph: flat, diagnostics } = flatten(module, { mode: 'train', entry: 'training' });
  if (flat === undefined) return { gradients: undefined, diagnostics };
  after?.('flatten', flat);
  const sized = withBatch(flat, batch);
  after?.('fix-sizes', sized);
  const { graph: drawn, draws } = randomInputs(sized);
  after?.('random-inputs', drawn);
  const given = runPasses(drawn, beforeGradients, after === undefined ? {} : { after });
  const loss = lossOf(given);
  const weights = given.params.filter(({ role }) => role === 'weight');
  const backward = differentiate(given, loss.value, weights.map(({ value }) => value)); // prettier-ignore
  if (backward.graph === undefined) return { gradients: undefined, diagnostics: backward.diagnostics };
  after?.('differentiate', backward.graph);
  const slopes = weights.flatMap((param): readonly Slope[] => {
    const gradient = backward.gradients.get(param.value.id);
    return gradient === undefined || backward.independent.has(param.value.id) ? [] : [{ param, gradient }];
  });
  const graph = { ...backward.graph, outputs: [loss], blocks: [] };
  return { gradients: { graph, slopes, draws }, diagnostics: [] };
}

function withBatch(graph: Graph, batch: number): Graph {
  const size = batchSize(graph);
  return size === undefined ? graph : fixSizes(graph, new Map([[size, batch]]));
}
