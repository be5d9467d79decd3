import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import type { Module } from '../ir/module.ts';
import { fixSizes } from '../passes/fix-sizes.ts';
import { runPasses } from '../passes/pass.ts';
import { inferencePasses } from '../passes/pipelines.ts';
import type { SizeVar } from '../shapes/size.ts';

export interface InferenceOptions {
  /** Samples a run; symbolic where it is left out. */
  readonly batch?: number;
  /** Hears the graph after `flatten`, `fix-sizes` and each pass, by name. */
  readonly after?: (stage: string, graph: Graph) => void;
}

export interface InferenceGraph {
  /** Undefined after a diagnostic. */
  readonly graph: Graph | undefined;
  /** The graph before the passes: its parameters are those of the source. */
  readonly source: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The names of the stages for `--dump-after`, in their order. */
export const inferenceStages: readonly string[] = [
  'flatten',
  'fix-sizes',
  ...inferencePasses.map(({ name }) => name),
];

/** The model for inference: unfolded, its batch fixed if asked for, simplified. */
export function inferenceGraph(module: Module, { batch, after }: InferenceOptions = {}): InferenceGraph {
  const { graph: source, diagnostics } = flatten(module, { mode: 'infer' });
  if (source === undefined) return { graph: undefined, source, diagnostics };
  after?.('flatten', source);
  const size = batchSize(source);
  const sized =
    batch === undefined || size === undefined ? source : fixSizes(source, new Map([[size, batch]]));
  after?.('fix-sizes', sized);
  const graph = runPasses(sized, inferencePasses, after === undefined ? {} : { after });
  return { graph, source, diagnostics };
}

/** The size that counts samples: `N`, or else the first that is known only at run time. */
export function batchSize(graph: Pick<Graph, 'dynamic'>): SizeVar | undefined {
  return graph.dynamic.find(({ name }) => name === 'N') ?? graph.dynamic[0];
}
