import type { GraphValue } from '../ir/graph.ts';
import { physicalOutputs, type PhysicalGraph, type PhysicalNode, type Reorder } from '../ir/physical.ts';
import type { BlockedPlaces, OnnxForm } from '../lower/onnx/forms/form.ts';
import { formOf } from '../lower/onnx/forms/registry.ts';
import { Span } from '../source/span.ts';

const none: BlockedPlaces = { inputs: [], outputs: [] };

/** The tensors of a node that lie in blocks, by its form. */
export function blockedPlaces(node: PhysicalNode): BlockedPlaces {
  if (node.kind === 'reorder')
    return node.to === 'blocks' ? { inputs: [], outputs: [0] } : { inputs: [0], outputs: [] };
  if (node.kind === 'transpose' || node.form === undefined) return none;
  return formOf(node).blocks?.(node, node.attributes) ?? none;
}

/**
 * Gives nodes their forms. Where one takes in blocks what another gives otherwise, or the other way round, the tensor is
 * moved: once for all that read it so.
 */
export function applyForms(graph: PhysicalGraph, forms: ReadonlyMap<PhysicalNode, OnnxForm>): PhysicalGraph {
  const placement = new Placement(graph);
  for (const node of graph.nodes) {
    const form = forms.get(node);
    placement.add(node.kind === 'op' && form !== undefined ? { ...node, form: form.name } : node);
  }
  const span = graph.nodes.at(-1)?.span ?? Span.startOf('');
  const plain = (value: GraphValue, path: string): GraphValue =>
    placement.read(value, 'plain', { path, span });
  const outputs = graph.outputs.map((output) => ({ ...output, value: plain(output.value, output.name) }));
  const updates = graph.updates.map(({ path, value }) => ({ path, value: plain(value, path) }));
  return { ...graph, nodes: placement.nodes, outputs, updates };
}

class Placement {
  readonly nodes: PhysicalNode[] = [];
  readonly #inBlocks = new Set<number>();
  /** The other copy of what was moved, by its id. */
  readonly #moved = new Map<number, GraphValue>();
  #nextId: number;

  constructor({ nodes, inputs, params }: PhysicalGraph) {
    const values = [...nodes.flatMap(physicalOutputs), ...[...inputs, ...params].map(({ value }) => value)];
    this.#nextId = values.reduce((next, { id }) => Math.max(next, id + 1), 0);
  }

  add(node: PhysicalNode): void {
    const places = blockedPlaces(node);
    const read = (value: GraphValue, i: number): GraphValue =>
      this.read(value, places.inputs.includes(i) ? 'blocks' : 'plain', node);
    this.nodes.push(
      node.kind === 'op'
        ? { ...node, inputs: node.inputs.map(read) }
        : { ...node, input: read(node.input, 0) },
    );
    physicalOutputs(node).forEach(({ id }, i) => {
      if (places.outputs.includes(i)) this.#inBlocks.add(id);
    });
  }

  /** The value as it is wanted: itself, or what it is moved to. */
  read(value: GraphValue, to: Reorder['to'], { path, span }: Pick<Reorder, 'path' | 'span'>): GraphValue {
    if (this.#inBlocks.has(value.id) === (to === 'blocks')) return value;
    const known = this.#moved.get(value.id);
    if (known !== undefined) return known;
    const output = { ...value, id: this.#nextId++ };
    this.#moved.set(value.id, output);
    this.nodes.push({ kind: 'reorder', to, input: value, output, path, span });
    return output;
  }
}
