import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphNode, GraphOutput } from '../ir/graph.ts';
import { axisNames } from '../ir/tensor-type.ts';

/** A graph that says of every value whether it is finite, and where what is not begins. */
export interface WatchedGraph {
  readonly graph: Graph;
  /** The outputs that say so, each a number without axes: 0, or NaN where the value has an element that is not finite. */
  readonly outputs: readonly string[];
  /**
   * Where the first value that is not finite was made of finite ones, and came into the loss or a new parameter. Undefined
   * where those are all finite: infinities that a later operation drops, such as those of a mask, are no mistake.
   *
   * @param isFinite of each output in `outputs`
   */
  readonly originOf: (isFinite: (output: string) => boolean) => GraphNode | undefined;
}

/**
 * Adds an output for every value of f32: the sum over x - x, which is 0 for finite numbers and NaN for all others. One
 * number is kept of a value, not the value, so that a step needs hardly more memory than before. The passes come before
 * this one.
 */
export function watchValues(graph: Graph): WatchedGraph {
  const [first] = graph.nodes;
  if (first === undefined) throw new Error(`${graph.name} computes nothing`);
  const builder = new GraphGradientBuilder(firstFreeId(graph), first);
  const nodes: GraphNode[] = [];
  const watched = new Map<number, GraphOutput>();
  for (const node of graph.nodes) {
    nodes.push(node);
    const made = builder.nodes.length;
    for (const value of node.outputs) {
      if (value.type.dtype !== 'f32') continue;
      builder.at(node, `finite_${value.hint}`);
      const zeros = builder.sub(value, value);
      const over = axisNames(value.type);
      const sum = over.length === 0 ? zeros : builder.one('sum', [zeros], { over });
      watched.set(value.id, { name: `finite/${value.id}`, value: sum, labels: undefined });
    }
    nodes.push(...builder.nodes.slice(made));
  }
  return {
    graph: { ...graph, nodes, outputs: [...graph.outputs, ...watched.values()] },
    outputs: Array.from(watched.values(), ({ name }) => name),
    originOf: (isFinite) => originOf(graph, (id) => {
      const output = watched.get(id);
      return output === undefined || isFinite(output.name);
    }),
  }; // prettier-ignore
}

/** Goes back from the results by the values that are not finite, to the first node that had none of them. */
function originOf(graph: Graph, isFinite: (id: number) => boolean): GraphNode | undefined {
  const reached = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value.id));
  let origin: GraphNode | undefined;
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => reached.has(id) && !isFinite(id))) continue;
    const bad = node.inputs.filter(({ id }) => !isFinite(id));
    for (const { id } of bad) reached.add(id);
    if (bad.length === 0) origin = node;
  }
  return origin;
}
