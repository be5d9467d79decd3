import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { partsOf, type Parts } from './forward-part.ts';

/**
 * Computes values of the forward part once more for the later part, from copies of the nodes that make them: where such a
 * node reads a value that is computed once more as well, it reads that, and all else it finds as the forward part left
 * it. Each is computed once more at most, by the same operation on equal values, so that every bit stays as it was.
 *
 * @param again the ids of the values
 */
export function recompute(graph: Graph, again: ReadonlySet<number>): Graph {
  const parts = partsOf(graph);
  let nextId = firstFreeId(graph);
  const copies = new Map<number, GraphValue>();
  const read = (value: GraphValue): GraphValue => copies.get(value.id) ?? value;
  const copied = copiedNodes(parts, again).map((node): GraphNode => {
    const inputs = node.inputs.map(read);
    const outputs = node.outputs.map((value) => ({ ...value, id: nextId++ }));
    node.outputs.forEach((value, i) => {
      const copy = outputs[i];
      if (copy !== undefined && again.has(value.id)) copies.set(value.id, copy);
    });
    return { ...node, inputs, outputs };
  });
  const later = parts.later.map((node) => ({ ...node, inputs: node.inputs.map(read) }));
  return { ...graph, nodes: [...parts.forward, ...copied, ...later] };
}

/** The nodes of the forward part that have to run a second time. */
export function copiedNodes({ forward, later }: Parts, again: ReadonlySet<number>): readonly GraphNode[] {
  const wanted = new Set<number>();
  const want = ({ inputs }: GraphNode): void => {
    for (const { id } of inputs) if (again.has(id)) wanted.add(id);
  };
  later.forEach(want);
  const copied = forward.toReversed().filter((node) => {
    const isWanted = node.outputs.some(({ id }) => wanted.has(id));
    if (isWanted) want(node);
    return isWanted;
  });
  return copied.reverse();
}
