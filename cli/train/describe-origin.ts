import type { GraphNode } from '../../src/compiler/ir/graph.ts';
import type { CompiledModel } from '../compile-model.ts';

/** Longer expressions are cut. */
const maxShown = 80;

/**
 * A node of a model's graph and its place, on one line: the operation, what it makes, the instance, the expression of the
 * source. Values of the backward pass are called `d_` and what they are the gradient by.
 */
export function describeOrigin(
  { op, path, span, outputs }: GraphNode,
  { sources, display }: CompiledModel,
): string {
  const made = outputs[0]?.hint ?? op;
  const what = `\`${op}\`${made === op ? '' : `, which makes \`${made}\``}${path === '' ? '' : ` in ${path}`}`;
  const source = sources.get(span.file);
  if (source === undefined) return `${what}.`;
  const { line, column } = source.position(span.start);
  const text = source.slice(span).replace(/\s+/g, ' ');
  const shown = text.length <= maxShown ? text : `${text.slice(0, maxShown - 1)}…`;
  return `${what}, at ${display(span.file)}:${line}:${column}: ${shown}`;
}
