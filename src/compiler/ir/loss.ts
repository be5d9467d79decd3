import type { Graph, GraphOutput } from './graph.ts';

/**
 * What the loss is called among the outputs of a graph that has it, and nothing else is (N2002). It is an output like
 * others, so that no pass has to know of it.
 */
export const lossName = 'loss';

/** The loss of a graph that was flattened with its training. */
export function lossOf({ name, outputs }: Graph): GraphOutput {
  const loss = outputs.find((output) => output.name === lossName);
  if (loss === undefined) throw new Error(`${name} was flattened without its loss`);
  return loss;
}
