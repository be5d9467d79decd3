import { expect, test } from 'vitest';
import type { Graph, GraphNode, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { gainGradientInputs } from '../../../src/compiler/ops/gain-gradient.ts';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { gainFromWeights } from '../../../src/compiler/passes/gain-from-weights.ts';
import type { GraphBuilder } from '../../support/graph-builder.ts';
import { normBeforeConvolution } from '../../support/norm-before-convolution.ts';
import { expectSameResults } from '../../support/rewriting.ts';

/** The node that a pass made for a `channel_dot`, which is gone, if it did. The pass must have kept the meaning. */
function made(graph: Graph): GraphNode | undefined {
  const result = gainFromWeights.run(graph);
  expectSameResults(graph, result);
  const [node, ...more] = result.nodes.filter(({ op }) => op === 'gain_gradient');
  expect(more).toEqual([]);
  expect(result.nodes.filter(({ op }) => op === 'channel_dot')).toHaveLength(node === undefined ? 1 : 0);
  return node;
}

const pointwise = { pieces: [8], kernel: 1, stride: 1 };

test.each([
  pointwise,
  { pieces: [8], kernel: 3, stride: 1, size: 9 },
  { pieces: [8], kernel: 3, stride: 2, size: 9 },
  { pieces: [5, 1, 2], kernel: 1, stride: 1 },
])('the gradient of a gain before a convolution: %o', (shape) => {
  const node = made(normBeforeConvolution(shape).build());
  if (node === undefined) throw new Error('it was left');
  const { pieces, weight, dweight } = gainGradientInputs(node.inputs);
  expect(pieces.map(({ type }) => type.axes[1]?.size.value)).toEqual(shape.pieces);
  expect(weight.type).toEqual(dweight.type);
});

test('what has been joined is not read once more', () => {
  const graph = normBeforeConvolution({ pieces: [5, 3], kernel: 1, stride: 1 }).build();
  const images = (nodes: readonly GraphNode[]): readonly GraphNode[] =>
    nodes.filter(({ op, inputs: [x] }) => op === 'concat' && x?.type.axes.length === 4);
  const [joined] = images(graph.nodes);
  const readers = deadCode.run(gainFromWeights.run(graph)).nodes.filter(({ inputs }) => {
    return inputs.some(({ id }) => id === joined?.outputs[0]?.id);
  });
  expect(readers.map(({ op }) => op)).toEqual(['channel_affine']);
});

test('not where something else reads what goes into the convolution', () => {
  const added = normBeforeConvolution(pointwise, ({ b, y, dy }) => {
    const other = b.input('other', { N: 3, C: 8, H: 8, W: 8 });
    b.output('z', b.op('mul', [y, other]));
    return b.op('add', [dy, other]);
  });
  expect(made(added.build())).toBeUndefined();
  // As `join-input-gradient` has it.
  const joined = normBeforeConvolution(pointwise, ({ b, dy }) => {
    const { op, inputs, attributes } = makerOf(b, dy);
    return b.op(op, [...inputs, b.input('other', { N: 3, C: 8, H: 8, W: 8 })], attributes);
  });
  expect(made(joined.build())).toBeUndefined();
});

test('nor where what comes back has come another way', () => {
  const negated = normBeforeConvolution(pointwise, ({ b, dy }) => b.op('neg', [dy]));
  expect(made(negated.build())).toBeUndefined();
  const throughAnother = normBeforeConvolution(pointwise, ({ b, dy }) => {
    const { op, inputs, attributes } = makerOf(b, dy);
    const [, weight] = inputs;
    if (weight === undefined) throw new Error('a convolution has a weight');
    return b.op(op, [b.input('other', { N: 3, K: 4, H: 8, W: 8 }), weight], attributes);
  });
  expect(made(throughAnother.build())).toBeUndefined();
});

test('with a weight that is scaled on the way back it is as well', () => {
  const scaled = normBeforeConvolution(pointwise, ({ b, dy }) => {
    const { op, inputs, attributes } = makerOf(b, dy);
    const [g, weight] = inputs;
    if (g === undefined || weight === undefined) throw new Error('a convolution has two inputs');
    return b.op(op, [g, b.op('mul', [weight, b.input('scale', { '.out': 4 })])], attributes);
  });
  const node = made(scaled.build());
  expect(node && gainGradientInputs(node.inputs).weight.hint).toBe('mul');
});

test('nor where the weight is more than the image', () => {
  expect(made(normBeforeConvolution({ pieces: [8], kernel: 3, stride: 1, size: 4 }).build())).toBeUndefined();
});

function makerOf(b: GraphBuilder, value: GraphValue): GraphNode {
  const maker = b.build().nodes.find(({ outputs }) => outputs.some(({ id }) => id === value.id));
  if (maker === undefined) throw new Error(`no node makes ${value.hint}`);
  return maker;
}
