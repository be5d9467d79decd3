import { evaluate } from '../shapes/size.ts';
import type { GraphNode } from '../ir/graph.ts';
import { ops } from '../ops/registry.ts';
import { VIEWS } from '../passes/cost.ts';
import { bytesOf } from './value-bytes.ts';

/** Milliseconds on two cores with AVX-512; only their ratios matter. */
const milliseconds = { node: 0.01, byte: 0.1e-6, operation: 7e-9 } as const;

/** What a node takes: to be started, to read its inputs and write its outputs, and to compute. */
export function nodeTime(node: GraphNode): number {
  if (VIEWS.has(node.op)) return 0;
  const { node: start, byte, operation } = milliseconds;
  return start + bytesTouched(node) * byte + operationsOf(node) * operation;
}

/** Whether reading and writing is most of what a node does, as it is where each element is looked at by itself. */
export function isCheap(node: GraphNode): boolean {
  return operationsOf(node) * milliseconds.operation <= bytesTouched(node) * milliseconds.byte;
}

function bytesTouched({ inputs, outputs }: GraphNode): number {
  return [...inputs, ...outputs].reduce((sum, value) => sum + bytesOf(value), 0);
}

function operationsOf({ op, path, attributes, inputs, outputs }: GraphNode): number {
  const definition = ops.get(op);
  if (definition === undefined) throw new Error(`${path}: there is no op ${op}`);
  const types = [inputs, outputs].map((values) => values.map(({ type }) => type));
  const [from = [], to = []] = types;
  return evaluate(definition.flops(from, attributes, to), () => 1);
}
