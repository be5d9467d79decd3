import type { PhysicalGraph, PhysicalOp } from '../ir/physical.ts';
import type { OnnxForm } from '../lower/onnx/forms/form.ts';
import { applyForms } from './apply-forms.ts';
import { regionsInBlocks, type BlockChoice } from './regions-in-blocks.ts';

/**
 * Gives each node the form that saves most by the model of costs; those that none saves anything keep their own. A form
 * on tensors in blocks is chosen where that pays together with its neighbours.
 *
 * @param weighed the graph whose costs are weighed, where `graph` has more besides: what watches values must not change
 * them, as other forms would
 */
export function chooseForms(
  graph: PhysicalGraph,
  forms: readonly OnnxForm[],
  weighed: PhysicalGraph = graph,
): PhysicalGraph {
  if (forms.length === 0) return graph;
  const chosen = new Map([...formsOf(weighed, forms)].map(([node, form]) => [idOf(node), form]));
  const given = new Map<PhysicalOp, OnnxForm>();
  for (const node of graph.nodes) {
    if (node.kind !== 'op') continue;
    const form = chosen.get(idOf(node));
    // Beside what watches them, tensors may lie in another order, in which a form cannot take them.
    if (form?.saves(node, node.attributes) !== undefined) given.set(node, form);
  }
  return applyForms(graph, given);
}

/** What a node has in common with its like in another graph. */
function idOf({ outputs }: PhysicalOp): number | undefined {
  return outputs[0]?.id;
}

function formsOf(graph: PhysicalGraph, forms: readonly OnnxForm[]): ReadonlyMap<PhysicalOp, OnnxForm> {
  const chosen = new Map<PhysicalOp, OnnxForm>();
  const choices: BlockChoice[] = [];
  for (const node of graph.nodes) {
    if (node.kind !== 'op') continue;
    const able = choicesFor(node, forms);
    const plain = best(able.filter(({ form, saved }) => form.blocks === undefined && saved > 0));
    if (plain !== undefined) chosen.set(node, plain.form);
    const blocked = best(able.filter(({ form }) => form.blocks !== undefined));
    const places = blocked?.form.blocks?.(node, node.attributes);
    if (blocked !== undefined && places !== undefined)
      choices.push({ node, form: blocked.form, places, gain: blocked.saved - (plain?.saved ?? 0) });
  }
  for (const { node, form } of regionsInBlocks(graph, choices)) chosen.set(node, form);
  return chosen;
}

/** A form that can take a node, and what it saves against the op's own lowering. */
interface Choice {
  readonly form: OnnxForm;
  readonly saved: number;
}

function choicesFor(node: PhysicalOp, forms: readonly OnnxForm[]): readonly Choice[] {
  return forms.flatMap((form) => {
    const saved = form.op === node.op ? form.saves(node, node.attributes) : undefined;
    return saved === undefined ? [] : [{ form, saved }];
  });
}

function best(choices: readonly Choice[]): Choice | undefined {
  return choices.toSorted((a, b) => b.saved - a.saved)[0];
}
