import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphParam } from '../ir/graph.ts';
import { slotPath } from './optimizer-pass.ts';
import type { UpdatedSlope } from './slope.ts';

/** The slot in which the sum of gradients is kept until the optimiser makes a step. */
export const accumulatedSlot = 'accumulated';

/** A batch after which the optimiser makes a step, or one whose gradients are only added to those before. */
export type StepPhase = 'update' | 'accumulate';

/**
 * Continues a graph that computes gradients with their sum over several batches. In the phase `update` what comes back
 * are the means, and the sums begin anew; in the other there is nothing to go by yet.
 */
export function accumulateGradients(
  graph: Graph,
  slopes: readonly UpdatedSlope[],
  { batches, phase }: { readonly batches: number; readonly phase: StepPhase },
): { readonly graph: Graph; readonly slopes: readonly UpdatedSlope[] } {
  const [first] = slopes;
  if (first === undefined) return { graph, slopes };
  let nextId = firstFreeId(graph);
  const kept = slopes.map(({ param }): GraphParam => ({
    path: slotPath(accumulatedSlot, param.path),
    role: 'slot',
    value: { ...param.value, id: nextId++, hint: accumulatedSlot },
    init: { name: 'zeros', args: {} },
    fan: undefined,
    span: param.span,
  }));
  const builder = new GraphGradientBuilder(nextId, { path: '', span: first.param.span });
  const sums = slopes.map((slope, i) => {
    const { param, gradient } = slope;
    const slot = kept[i];
    if (slot === undefined) throw new Error(`${param.path} has no sum of gradients`);
    builder.at({ path: param.path, span: param.span }, accumulatedSlot);
    const sum = builder.add(slot.value, gradient);
    const next = phase === 'accumulate' ? sum : builder.zeros(param.value.type);
    return { slope, sum, update: { path: slot.path, value: next } };
  });
  const means = sums.map(({ slope, sum }): UpdatedSlope => {
    const { path, span } = slope.param;
    builder.at({ path, span }, 'mean');
    return { ...slope, gradient: builder.div(sum, builder.number(batches)) };
  });
  return {
    graph: {
      ...graph,
      params: [...graph.params, ...kept],
      nodes: [...graph.nodes, ...builder.nodes],
      updates: [...graph.updates, ...sums.map(({ update }) => update)],
    },
    slopes: means,
  };
}
