import type { Graph, GraphNode } from '../ir/graph.ts';
import { attributesKey } from '../ops/attributes.ts';
import { ops } from '../ops/registry.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * Computes what is computed twice once. Nodes on different parameters read different values and so stay apart; ops
 * with state are never merged, because each of their calls counts.
 */
export const commonSubexpressions: Pass = {
  name: 'common-subexpressions',
  description: 'computes once what equal nodes compute from the same values',
  run: mergeCommonSubexpressions,
};

function mergeCommonSubexpressions(graph: Graph): Graph {
  const stateful = statefulOps();
  const rewriter = new GraphRewriter(graph);
  const known = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    if (stateful.has(node.op)) {
      rewriter.keep(node);
      continue;
    }
    const inputs = node.inputs.map((value) => rewriter.read(value).id);
    const key = `${node.op}(${inputs.join(',')})${attributesKey(node.attributes)}`;
    const first = known.get(key);
    if (first === undefined) {
      known.set(key, rewriter.keep(node));
      continue;
    }
    node.outputs.forEach((value, i) => {
      const equal = first.outputs[i];
      if (equal !== undefined) rewriter.replace(value, equal);
    });
  }
  return rewriter.finish();
}

/** Ops that read or write state, and those that take their place while training. */
function statefulOps(): ReadonlySet<string> {
  return new Set(
    [...ops.values()].flatMap(({ name, training }) => (training === undefined ? [] : [name, training.op])),
  );
}
