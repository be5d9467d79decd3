import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { GraphShapeContext } from '../ir/graph-shape-context.ts';
import { findAxis, printType } from '../ir/tensor-type.ts';
import { ops } from '../ops/registry.ts';
import { GraphGradientBuilder } from './graph-gradient-builder.ts';

export interface Differentiated {
  /** The graph with the nodes of its gradients behind its own; undefined after a diagnostic. */
  readonly graph: Graph | undefined;
  /** d loss / d parameter by the ids that were asked for; zeros where the loss does not depend on one. */
  readonly gradients: ReadonlyMap<number, GraphValue>;
  /** The ids of those on which it does not depend. */
  readonly independent: ReadonlySet<number>;
  /** N7001 for an op that has no gradient and would need one. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reverse-mode differentiation of the flat graph, from graph to graph: goes through the nodes from the last to the first,
 * lets each op write the gradients of its inputs from those of its outputs, and adds up what a value gets from its
 * readers (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3). Linear in the nodes; only nodes that lie
 * between a wanted value and the loss are looked at.
 *
 * @param loss a value of f32 without axes
 * @param wanted parameters or inputs of f32
 */
export function differentiate(graph: Graph, loss: GraphValue, wanted: readonly GraphValue[]): Differentiated {
  if (loss.type.axes.length > 0) throw new Error(`the loss is ${printType(loss.type)}, not a number`);
  const active = reachedFrom(graph, wanted);
  const place = graph.nodes.at(-1);
  if (place === undefined) throw new Error(`${graph.name} computes nothing`);
  const builder = new GraphGradientBuilder(firstFreeId(graph), place);
  const gradients = new Gradients(builder);
  builder.at(place, 'd_loss');
  gradients.add(loss, builder.number(1));
  const diagnostics: Diagnostic[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.inputs.some(({ id }) => active.has(id))) continue;
    const received = node.outputs.map((value) => gradients.of(value));
    if (received.every((gradient) => gradient === undefined)) continue;
    const op = ops.get(node.op);
    if (op === undefined) throw new Error(`${node.path}: there is no op ${node.op}`);
    if (op.gradient === undefined) {
      if (op.noGradient === undefined) throw new Error(`${op.name} has no gradient and does not say why`);
      diagnostics.push(noGradient(node, op.noGradient));
      continue;
    }
    builder.at(node, `d_${node.outputs[0]?.hint ?? node.op}`);
    const { attributes, inputs, outputs } = node;
    const given = op.gradient(builder, { attributes, inputs, outputs, gradients: received });
    inputs.forEach((input, i) => {
      const gradient = given[i];
      if (gradient !== undefined && active.has(input.id)) gradients.add(input, gradient);
    });
  }
  if (diagnostics.length > 0)
    return { graph: undefined, gradients: new Map(), independent: new Set(), diagnostics };
  const independent = new Set(
    wanted.flatMap((value) => (gradients.of(value) === undefined ? [value.id] : [])),
  );
  builder.at(place, 'd_unused');
  const results = wanted.map(
    (value) => [value.id, gradients.of(value) ?? builder.zeros(value.type)] as const,
  );
  return {
    graph: { ...graph, nodes: [...graph.nodes, ...builder.nodes] },
    gradients: new Map(results),
    independent,
    diagnostics,
  };
}

/** What readers of a value have said of it so far. */
class Gradients {
  readonly #builder: GraphGradientBuilder;
  readonly #sums = new Map<number, GraphValue>();
  readonly #context = new GraphShapeContext();

  constructor(builder: GraphGradientBuilder) {
    this.#builder = builder;
  }

  of(value: GraphValue): GraphValue | undefined {
    return this.#sums.get(value.id);
  }

  add(value: GraphValue, gradient: GraphValue): void {
    this.#expectType(value, gradient);
    const sum = this.#sums.get(value.id);
    this.#sums.set(value.id, sum === undefined ? gradient : this.#builder.add(sum, gradient));
  }

  /** A gradient has the axes of its value, in whatever order. */
  #expectType({ hint, type }: GraphValue, gradient: GraphValue): void {
    const fits =
      gradient.type.axes.length === type.axes.length &&
      type.axes.every(({ name, size }) => {
        const axis = findAxis(gradient.type, name);
        return axis !== undefined && this.#context.equal(axis.size, size);
      });
    if (!fits) {
      throw new Error(
        `the gradient of ${hint}, ${printType(type)}, was written as ${printType(gradient.type)}`,
      );
    }
  }
}

/** The ids of the values of f32 that depend on one of these. */
function reachedFrom(graph: Graph, from: readonly GraphValue[]): ReadonlySet<number> {
  const reached = new Set(from.map(({ id }) => id));
  for (const { inputs, outputs } of graph.nodes) {
    if (!inputs.some(({ id }) => reached.has(id))) continue;
    for (const { id, type } of outputs) if (type.dtype === 'f32') reached.add(id);
  }
  return reached;
}

function noGradient({ op, span }: GraphNode, why: string): Diagnostic {
  return errorAt('N7001', span, `\`${op}\` has no gradient, and a parameter needs one through it`, {
    notes: [`it has none because ${why}`],
    help: 'compute what follows from values that no parameter has a part in, or with other operations',
  });
}
