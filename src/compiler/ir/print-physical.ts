import type { GraphNode } from './graph.ts';
import type { PhysicalGraph, PhysicalNode } from './physical.ts';
import { printGraph } from './print-graph.ts';
import { axisNames } from './tensor-type.ts';

/** A physical graph in the form of {@link printGraph}: types are in memory order, what moves data is a node like others. */
export function printPhysical(graph: PhysicalGraph): string {
  const params = graph.params.map(({ param, value }) => ({ ...param, value }));
  return printGraph({ ...graph, params, nodes: graph.nodes.map(asGraphNode) });
}

function asGraphNode(node: PhysicalNode): GraphNode {
  if (node.kind === 'op') {
    const { form } = node;
    return form === undefined ? node : { ...node, attributes: { ...node.attributes, form } };
  }
  const { input, output, path, span } = node;
  const attributes = node.kind === 'reorder' ? { to: node.to } : { order: axisNames(output.type) };
  return { op: node.kind, attributes, inputs: [input], outputs: [output], path, span };
}
