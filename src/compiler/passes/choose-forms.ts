import type { PhysicalGraph, PhysicalOp } from '../ir/physical.ts';
import type { OnnxForm } from '../lower/onnx/forms/form.ts';

/** Gives each node the form that saves most by its model of costs; those that none saves anything keep their own. */
export function chooseForms(graph: PhysicalGraph, forms: readonly OnnxForm[]): PhysicalGraph {
  if (forms.length === 0) return graph;
  const nodes = graph.nodes.map((node) => {
    if (node.kind !== 'op') return node;
    const form = best(node, forms);
    return form === undefined ? node : { ...node, form: form.name };
  });
  return { ...graph, nodes };
}

function best(node: PhysicalOp, forms: readonly OnnxForm[]): OnnxForm | undefined {
  const [first] = forms
    .filter(({ op }) => op === node.op)
    .map((form) => ({ form, saved: form.saves(node, node.attributes) ?? 0 }))
    .filter(({ saved }) => saved > 0)
    .toSorted((a, b) => b.saved - a.saved);
  return first?.form;
}
