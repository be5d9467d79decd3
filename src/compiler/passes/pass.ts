import type { Graph } from '../ir/graph.ts';

/** A rewriting of the graph that keeps its meaning: a pure function. */
export interface Pass {
  /** As in `--dump-after=<name>`. */
  readonly name: string;
  readonly description: string;
  run(graph: Graph): Graph;
}

export interface RunOptions {
  /** Called with the graph that each pass made. */
  readonly after?: (name: string, graph: Graph) => void;
}

/** Runs passes one after the other. */
export function runPasses(graph: Graph, passes: readonly Pass[], { after }: RunOptions = {}): Graph {
  return passes.reduce((current, pass) => {
    const next = pass.run(current);
    after?.(pass.name, next);
    return next;
  }, graph);
}
