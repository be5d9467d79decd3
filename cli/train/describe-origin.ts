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
  { sources, display }: Pick<CompiledModel, 'sources' | 'display'>,
): string {
  const made = outputs[0]?.hint ?? op;
  const owner = ownerOf(path, made);
  const what = `\`${op}\`${made === op ? '' : `, which makes \`${made}\``}${owner === '' ? '' : ` in ${owner}`}`;
  const source = sources.get(span.file);
  if (source === undefined) return `${what}.`;
  const { line, column } = source.position(span.start);
  const expression = source.slice(span);
  // Of two operands an operation has the place of its sign, which says nothing by itself.
  const text = /\w/.test(expression) ? expression.replace(/\s+/g, ' ') : source.line(line).trim();
  const shown = text.length <= maxShown ? text : `${text.slice(0, maxShown - 1)}…`;
  return `${what}, at ${display(span.file)}:${line}:${column}: ${shown}`;
}

/** Where in the model a value is made. The path of what a name is bound to ends with that name, which is said already. */
function ownerOf(path: string, made: string): string {
  const parts = path.split('/');
  return (parts.at(-1) === made ? parts.slice(0, -1) : parts).join('/');
}
