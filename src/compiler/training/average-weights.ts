import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphParam } from '../ir/graph.ts';
import type { NamedSetting } from '../ir/module.ts';
import { averagings } from '../optimizers/registry.ts';
import { completeSettings } from '../optimizers/setting.ts';
import { graphAlgebra, scalarOperand, tensorOperand } from './graph-algebra.ts';
import { slotPath } from './optimizer-pass.ts';

/** The slot in which the average of a weight or of a piece of state is kept. */
export const averageSlot = 'average';

/** Continues a graph that makes new weights and state with their average. */
export function averageWeights(graph: Graph, { name, args, span }: NamedSetting): Graph {
  const averaging = averagings.get(name);
  if (averaging === undefined) throw new Error(`there is no average ${name}`);
  let nextId = firstFreeId(graph);
  const kept = graph.params
    .filter(({ role }) => role !== 'slot')
    .map((param) => {
      const value = { ...param.value, id: nextId++, hint: averageSlot };
      const average: GraphParam = { ...param, path: slotPath(averageSlot, param.path), role: 'slot', value };
      return { param, average };
    });
  const builder = new GraphGradientBuilder(nextId, { path: '', span });
  const algebra = graphAlgebra(builder, () => {
    throw new Error('averages go by no number of the step');
  });
  const { settings } = completeSettings(averaging.settings, args);
  const scalars = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      scalarOperand({ kind: 'number', value: Number(value) }),
    ]),
  );
  const renewed = new Map(graph.updates.map(({ path, value }) => [path, value]));
  const updates = kept.map(({ param, average }) => {
    builder.at({ path: param.path, span }, averageSlot);
    const value = renewed.get(param.path) ?? param.value;
    const next = averaging.update(algebra, tensorOperand(average.value), tensorOperand(value), scalars);
    if (next.kind !== 'tensor') throw new Error('an average is no tensor');
    return { path: average.path, value: next.value };
  });
  return {
    ...graph,
    params: [...graph.params, ...kept.map(({ average }) => average)],
    nodes: [...graph.nodes, ...builder.nodes],
    updates: [...graph.updates, ...updates],
  };
}
