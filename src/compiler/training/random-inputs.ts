import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphInput, GraphNode, GraphValue } from '../ir/graph.ts';
import { printType } from '../ir/tensor-type.ts';
import { ops } from '../ops/registry.ts';

/** Numbers that a graph is given in each step: uniform in [0, 1), row-major. */
export interface RandomInput {
  readonly name: string;
  /** The name under which the generator draws them, with the seed and the step. */
  readonly stream: string;
}

/**
 * Makes inputs of random numbers, so that the graph is a function: whoever runs it draws them by seed, step and path,
 * and every target drops the same elements. Nodes of one path draw the same, as an instance that is called twice does.
 */
export function randomInputs(graph: Graph): {
  readonly graph: Graph;
  readonly draws: readonly RandomInput[];
} {
  const [first] = graph.nodes;
  if (first === undefined) return { graph, draws: [] };
  const builder = new GraphGradientBuilder(firstFreeId(graph), first);
  const inputs = new Map<string, GraphInput & RandomInput>();
  const standsFor = new Map<number, GraphValue>();
  const read = (value: GraphValue): GraphValue => standsFor.get(value.id) ?? value;
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const random = ops.get(node.op)?.random;
    const kept = { ...node, inputs: node.inputs.map(read) };
    if (random === undefined) {
      nodes.push(kept);
      continue;
    }
    builder.at(node, node.outputs[0]?.hint ?? node.op);
    const type = random.draws(
      kept.inputs.map((value) => value.type),
      node.attributes,
    );
    const key = `${node.path} ${printType(type)}`;
    const stream = `/${node.path}`;
    const name = `random${stream}${[...inputs.values()].some((other) => other.stream === stream) ? `#${inputs.size}` : ''}`;
    const input = inputs.get(key) ?? { name, stream, value: builder.value('draws', type), pixels: undefined };
    inputs.set(key, input);
    const made = builder.nodes.length;
    const outputs = random.given(builder, kept.inputs, node.attributes, input.value);
    nodes.push(...builder.nodes.slice(made));
    node.outputs.forEach((value, i) => {
      const given = outputs[i];
      if (given === undefined) throw new Error(`${node.path}: ${node.op} was given numbers and made nothing`);
      standsFor.set(value.id, given);
    });
  }
  return {
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...inputs.values()],
      nodes,
      outputs: graph.outputs.map((output) => ({
        ...output,
        value: { ...read(output.value), type: output.value.type },
      })),
      updates: graph.updates.map(({ path, value }) => ({ path, value: read(value) })),
      blocks: graph.blocks.map((block) => ({
        ...block,
        values: block.values.map((value) => value && read(value)),
      })),
    },
    draws: Array.from(inputs.values(), ({ name, stream }) => ({ name, stream })),
  };
}
