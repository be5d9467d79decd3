import type { OnnxGraph, OnnxNode } from './onnx-model.ts';

/**
 * The same graph, of which nobody can tell the shapes inside before it runs. Where ONNX Runtime knows two tensors to be of
 * one size, it gives the second the memory of the first, and holds that from the one to the other, be they layers apart:
 * in a step of training what the forward pass needs for a moment is kept for the backward pass, which has tensors of the
 * same sizes. What it does not know it allocates when it comes to it, and frees after the last use.
 *
 * Inputs that grow with the batch pass through a `Reshape` to their own shape, which moves no data, by way of an `Abs`,
 * through which nobody follows shapes.
 *
 * @param batch the names of those inputs; parameters keep their shapes
 */
export function openShapes(graph: OnnxGraph, batch: ReadonlySet<string>): OnnxGraph {
  const opened = graph.inputs.filter(({ name, dims }) => batch.has(name) && dims.length > 0);
  // No name that a source can give holds a dot.
  const openedName = (name: string): string => `opened.${name}/Reshape`;
  const nodes = opened.flatMap(({ name }): readonly OnnxNode[] => [
    node('Shape', `opened.${name}/Shape`, [name]),
    node('Abs', `opened.${name}/Abs`, [`opened.${name}/Shape`]),
    node('Reshape', openedName(name), [name, `opened.${name}/Abs`]),
  ]);
  const openedNames = new Map(opened.map(({ name }) => [name, openedName(name)]));
  const readers = graph.nodes.map((reader) => ({
    ...reader,
    inputs: reader.inputs.map((name) => openedNames.get(name) ?? name),
  }));
  return { ...graph, nodes: [...nodes, ...readers], values: [] };
}

function node(opType: string, name: string, inputs: readonly string[]): OnnxNode {
  return { name, owner: '', opType, inputs, outputs: [name], attributes: {} };
}
