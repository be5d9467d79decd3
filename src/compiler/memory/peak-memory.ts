import type { Graph, GraphValue } from '../ir/graph.ts';
import { VIEWS } from '../passes/cost.ts';
import { bytesOf } from './value-bytes.ts';

/**
 * The bytes that a graph holds at most while it runs in its order: inputs and parameters all the time, each other value
 * from the node that makes it to the last one that reads it, results to the end. What an operation needs for itself, and
 * what an allocator cannot use, come on top.
 */
export function peakMemory(graph: Graph): number {
  const storage = new Storage();
  let held = 0;
  for (const { value } of [...graph.inputs, ...graph.params]) held += bytesOf(value);
  const lastReads = new Map<number, number>();
  graph.nodes.forEach(({ op, inputs, outputs }, at) => {
    const [viewed] = inputs;
    if (viewed !== undefined && VIEWS.has(op)) for (const value of outputs) storage.view(value, viewed);
    for (const value of [...inputs, ...outputs]) lastReads.set(storage.of(value), at);
  });
  for (const { value } of [...graph.outputs, ...graph.updates]) lastReads.delete(storage.of(value));
  const made = new Map<number, number>();
  let peak = held;
  graph.nodes.forEach(({ op, inputs, outputs }, at) => {
    if (!VIEWS.has(op)) {
      for (const value of outputs) {
        made.set(value.id, bytesOf(value));
        held += bytesOf(value);
      }
    }
    peak = Math.max(peak, held);
    for (const value of [...inputs, ...outputs]) {
      const id = storage.of(value);
      if (lastReads.get(id) !== at) continue;
      held -= made.get(id) ?? 0;
      made.delete(id);
    }
  });
  return peak;
}

/** Which values lie in the memory of another. */
class Storage {
  readonly #owners = new Map<number, number>();

  view(value: GraphValue, of: GraphValue): void {
    this.#owners.set(value.id, this.of(of));
  }

  of({ id }: GraphValue): number {
    return this.#owners.get(id) ?? id;
  }
}
