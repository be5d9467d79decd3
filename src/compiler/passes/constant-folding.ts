import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { axisNames, findAxis, hasAxis, type TensorType } from '../ir/tensor-type.ts';
import { ops } from '../ops/registry.ts';
import { equalSize } from '../shapes/size.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/** Numbers are computed from numbers, and operations that change nothing are dropped. */
export const constantFolding: Pass = {
  name: 'constant-folding',
  description: 'computes numbers from numbers, and drops operations that change nothing',
  run: foldConstants,
};

/** The number that changes nothing as the right operand, and whether it does not as the left one either. */
const NEUTRAL: ReadonlyMap<string, { readonly value: number; readonly eitherSide: boolean }> = new Map([
  ['add', { value: 0, eitherSide: true }],
  ['sub', { value: 0, eitherSide: false }],
  ['mul', { value: 1, eitherSide: true }],
  ['div', { value: 1, eitherSide: false }],
  ['pow', { value: 1, eitherSide: false }],
]);

/** Operations that change nothing where every axis stays as long as it is. */
const UNCHANGING_AT_EQUAL_LENGTHS: ReadonlySet<string> = new Set(['pad', 'resize', 'slice']);

function foldConstants(graph: Graph): Graph {
  const rewriter = new GraphRewriter(graph);
  const numbers = new Map<number, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => rewriter.read(value));
    const [result] = node.outputs;
    const value = numberOf(node, inputs.map(({ id }) => numbers.get(id))); // prettier-ignore
    const unchanged = unchangedOperand(node, inputs, numbers);
    if (result === undefined) continue;
    if (value !== undefined) {
      const folded =
        node.op === 'constant' ? result : rewriter.emitOne('constant', [], { value }, result.hint, node);
      numbers.set(folded.id, value);
      if (node.op === 'constant') rewriter.keep(node);
      else rewriter.replace(result, folded);
    } else if (unchanged !== undefined) {
      rewriter.replace(result, unchanged);
    } else {
      rewriter.keep(node);
    }
  }
  return rewriter.finish();
}

/** The number that a node computes, if it computes one and all that it reads are numbers. */
function numberOf(node: GraphNode, inputs: readonly (number | undefined)[]): number | undefined {
  const [output, ...more] = node.outputs;
  const scalar = output?.type.dtype === 'f32' && output.type.axes.length === 0 && more.length === 0;
  const numbers = inputs.filter((value) => value !== undefined);
  if (!scalar || numbers.length !== inputs.length) return undefined;
  const type = { dtype: 'f32', axes: [] } as const;
  const arrays = numbers.map((value) => ({ type, data: Float64Array.of(value) }));
  const op = ops.get(node.op);
  return op?.random !== undefined ? undefined : op?.evaluate(arrays, node.attributes, [type])[0]?.data[0];
}

/** The operand that a node hands on as it is. */
function unchangedOperand(
  { op, outputs }: GraphNode,
  [left, right]: readonly GraphValue[],
  numbers: ReadonlyMap<number, number>,
): GraphValue | undefined {
  const neutral = NEUTRAL.get(op);
  const [output] = outputs;
  if (output === undefined || left === undefined) return undefined;
  if (UNCHANGING_AT_EQUAL_LENGTHS.has(op) && hasLengthsOf(output.type, left.type)) return left;
  if (neutral === undefined || right === undefined) return undefined;
  const hasAllAxes = (operand: GraphValue): boolean =>
    axisNames(output.type).every((name) => hasAxis(operand.type, name));
  if (numbers.get(right.id) === neutral.value && hasAllAxes(left)) return left;
  if (neutral.eitherSide && numbers.get(left.id) === neutral.value && hasAllAxes(right)) return right;
  return undefined;
}

function hasLengthsOf(type: TensorType, other: TensorType): boolean {
  return type.axes.every(({ name, size }) => {
    const axis = findAxis(other, name);
    return axis !== undefined && equalSize(size, axis.size);
  });
}
