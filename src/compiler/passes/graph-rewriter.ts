import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphNode, GraphParam, GraphValue } from '../ir/graph.ts';
import { GraphShapeContext } from '../ir/graph-shape-context.ts';
import { axisNames, inOrder, type TensorType } from '../ir/tensor-type.ts';
import type { Attributes } from '../ops/attributes.ts';
import { ops } from '../ops/registry.ts';

/** Where a new node belongs in the source. */
export type Place = Pick<GraphNode, 'path' | 'span'>;

/**
 * Rebuilds a graph from its first node to its last. A pass reads every node of the old graph in turn and either keeps it
 * or says what stands for its outputs; values of the old graph are then replaced wherever they are read.
 */
export class GraphRewriter {
  readonly #graph: Graph;
  readonly #nodes: GraphNode[] = [];
  readonly #params: GraphParam[];
  readonly #standsFor = new Map<number, GraphValue>();
  #nextId: number;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#params = [...graph.params];
    this.#nextId = firstFreeId(graph);
  }

  /** What a value of the old graph is in the new one. */
  read(value: GraphValue): GraphValue {
    return this.#standsFor.get(value.id) ?? value;
  }

  /** Copies a node of the old graph, with the values it reads replaced. */
  keep(node: GraphNode): GraphNode {
    const inputs = node.inputs.map((value) => this.read(value));
    const kept = inputs.some((value, i) => value !== node.inputs[i]) ? { ...node, inputs } : node;
    this.#nodes.push(kept);
    return kept;
  }

  /** From here on `by`, a value of the new graph, stands for a value of the old. The two have the same type. */
  replace(value: GraphValue, by: GraphValue): void {
    this.#standsFor.set(value.id, by);
  }

  /** A value that no node makes, such as a parameter's. */
  value(hint: string, type: TensorType): GraphValue {
    return { id: this.#nextId++, hint, type };
  }

  /** Adds a node on values of the new graph; the op's shape rule gives the types. */
  emit(
    op: string,
    inputs: readonly GraphValue[],
    attributes: Attributes,
    hint: string,
    at: Place,
  ): readonly GraphValue[] {
    const definition = ops.get(op);
    if (definition === undefined) throw new Error(`${at.path}: there is no op ${op}`);
    const context = new GraphShapeContext();
    const types = definition.infer(
      inputs.map(({ type }) => type),
      attributes,
      context,
    );
    if (types === undefined)
      throw new Error(`${at.path}: ${op} was built wrongly: ${context.complaints.join('; ')}`);
    const outputs = types.map((type) => this.value(hint, type));
    this.#nodes.push({ op, attributes, inputs, outputs, path: at.path, span: at.span });
    return outputs;
  }

  /** `emit` for an op with one output. */
  emitOne(
    op: string,
    inputs: readonly GraphValue[],
    attributes: Attributes,
    hint: string,
    at: Place,
  ): GraphValue {
    const [output, ...more] = this.emit(op, inputs, attributes, hint, at);
    if (output === undefined || more.length > 0) throw new Error(`${at.path}: ${op} has not one output`);
    return output;
  }

  /** Adds a parameter whose value is that of a node of the old graph, which is left out. */
  addParam(param: GraphParam): void {
    this.#params.push(param);
  }

  /** The new graph. Results of blocks that no node makes any more are marked as gone. */
  finish(): Graph {
    const made = new Set([...this.#graph.inputs, ...this.#params].map(({ value }) => value.id));
    for (const { outputs } of this.#nodes) for (const { id } of outputs) made.add(id);
    const present = (value: GraphValue | undefined): GraphValue | undefined => {
      const now = value && this.read(value);
      return now !== undefined && made.has(now.id) ? now : undefined;
    };
    return {
      ...this.#graph,
      params: this.#params,
      nodes: this.#nodes,
      outputs: this.#graph.outputs.map((output) => {
        // The order of an output's axes is the user's, whatever takes the value's place.
        const value = this.read(output.value);
        return { ...output, value: { ...value, type: inOrder(value.type, axisNames(output.value.type)) } };
      }),
      updates: this.#graph.updates.map(({ path, value }) => ({ path, value: this.read(value) })),
      blocks: this.#graph.blocks.map((block) => ({ ...block, values: block.values.map(present) })),
    };
  }
}
