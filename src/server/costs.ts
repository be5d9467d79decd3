import { flatten } from '../compiler/ir/inline.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import type { Module } from '../compiler/ir/module.ts';
import { costOf } from '../compiler/passes/cost.ts';

const graphs = new WeakMap<Module, Graph | undefined>();

/** What a binding of a model costs for one sample: `1,019,680 parameters, 1,525.2 MFLOPs`; undefined where it has none. */
export function costText(module: Module, binding: string): string | undefined {
  if (!graphs.has(module)) graphs.set(module, flatten(module, { mode: 'infer' }).graph);
  const graph = graphs.get(module);
  if (graph === undefined) return undefined;
  const { parameters, flops } = costOf(graph, binding);
  const parts = [
    ...(parameters > 0 ? [`${parameters.toLocaleString('en-US')} parameters`] : []),
    ...(flops > 0 ? [`${(flops / 1e6).toLocaleString('en-US', { maximumFractionDigits: 3 })} MFLOPs`] : []),
  ];
  return parts.length === 0 ? undefined : `${parts.join(', ')} for one sample`;
}
