import type { OnnxAttribute } from './emitter.ts';
import type { OnnxNode } from './onnx-model.ts';

/** The tensors that a node reads: its inputs, and what the graphs in its attributes read of the graph around them. */
export function namesRead({ inputs, attributes }: OnnxNode): readonly string[] {
  return [...inputs, ...Object.values(attributes).flatMap(namesCaptured)];
}

function namesCaptured(attribute: OnnxAttribute): readonly string[] {
  if (attribute.type !== 'graph') return [];
  const { nodes } = attribute.value;
  const inside = new Set(nodes.flatMap(({ outputs }) => outputs));
  return nodes.flatMap(namesRead).filter((name) => !inside.has(name));
}

/** The same node, reading other tensors. What the graphs in its attributes make themselves has names of its own. */
export function withNamesRead(node: OnnxNode, renamed: (name: string) => string): OnnxNode {
  const attributes = Object.entries(node.attributes).map(
    ([key, attribute]) => [key, withNamesCaptured(attribute, renamed)] as const,
  );
  return { ...node, inputs: node.inputs.map(renamed), attributes: Object.fromEntries(attributes) };
}

function withNamesCaptured(attribute: OnnxAttribute, renamed: (name: string) => string): OnnxAttribute {
  if (attribute.type !== 'graph') return attribute;
  const nodes = attribute.value.nodes.map((node) => withNamesRead(node, renamed));
  return { type: 'graph', value: { ...attribute.value, nodes } };
}
