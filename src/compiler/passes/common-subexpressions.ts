import type { Graph, GraphNode } from '../ir/graph.ts';
import { attributesKey, type Attributes } from '../ops/attributes.ts';
import { ops } from '../ops/registry.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * Computes what is computed twice once. Nodes on different parameters read different values and so stay apart; ops
 * with state are never merged, because each of their calls counts, nor are random ones, of which each draws its own.
 */
export const commonSubexpressions: Pass = {
  name: 'common-subexpressions',
  description: 'computes once what equal nodes compute from the same values',
  run: mergeCommonSubexpressions,
};

function mergeCommonSubexpressions(graph: Graph): Graph {
  const single = singleOps();
  const rewriter = new GraphRewriter(graph);
  const known = new Map<string, Alike>();
  for (const node of graph.nodes) {
    if (single.has(node.op)) {
      rewriter.keep(node);
      continue;
    }
    const inputs = node.inputs.map((value) => rewriter.read(value).id);
    const key = `${node.op}(${inputs.join(',')})`;
    const alike = known.get(key);
    const first = alike?.find(node.attributes);
    if (first === undefined) {
      const kept = rewriter.keep(node);
      if (alike === undefined) known.set(key, new Alike(kept));
      else alike.add(kept);
      continue;
    }
    node.outputs.forEach((value, i) => {
      const equal = first.outputs[i];
      if (equal !== undefined) rewriter.replace(value, equal);
    });
  }
  return rewriter.finish();
}

/**
 * Nodes of one op on the same inputs. Few nodes share these, so that the attributes, whose text is long, are compared
 * only where a second one comes.
 */
class Alike {
  readonly #first: GraphNode;
  #byAttributes: Map<string, GraphNode> | undefined;

  constructor(first: GraphNode) {
    this.#first = first;
  }

  find(attributes: Attributes): GraphNode | undefined {
    return this.#table().get(attributesKey(attributes));
  }

  add(node: GraphNode): void {
    this.#table().set(attributesKey(node.attributes), node);
  }

  #table(): Map<string, GraphNode> {
    this.#byAttributes ??= new Map([[attributesKey(this.#first.attributes), this.#first]]);
    return this.#byAttributes;
  }
}

/** Random ops, those that read or write state, and those that take their place while training. */
function singleOps(): ReadonlySet<string> {
  return new Set(
    [...ops.values()].flatMap(({ name, random, training }) => [
      ...(random !== undefined ? [name] : []),
      ...(training === undefined ? [] : [name, training.op]),
    ]),
  );
}
