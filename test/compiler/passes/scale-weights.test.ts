import { expect, test } from 'vitest';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { scaleWeights } from '../../../src/compiler/passes/scale-weights.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(3), stride: constant(2), dilation: constant(1), before: constant(1), after: constant(1) })); // prettier-ignore
const attributes = { from: 'C', to: 'K', windows, groups: constant(1) };

interface Parts {
  readonly b: GraphBuilder;
  /** What comes back, scaled. */
  readonly g: GraphValue;
}

/** Both gradients of a convolution from C to K channels, and whatever else reads what comes back. */
function gradients(
  scale: Readonly<Record<string, number>>,
  more: (parts: Parts) => void = () => undefined,
  size = 9,
): Graph {
  const sizes = ['H', 'W'].map((axis) => ({ axis, size: constant(2 * size) }));
  const b = new GraphBuilder();
  const g = b.op('mul', [b.input('scale', scale), b.input('g', { N: 2, K: 3, H: size, W: size })]);
  const x = b.input('x', { N: 2, C: 4, H: 2 * size, W: 2 * size });
  const weight = b.weight('weight', { '.out': 3, '.in': 4, '.H': 3, '.W': 3 });
  b.output('dx', b.op('conv_input_gradient', [g, weight], { ...attributes, sizes }));
  b.output('dw', b.op('conv_weight_gradient', [x, g], attributes));
  more({ b, g });
  return b.build();
}

/** The ops after the pass, which must have kept the meaning. */
function after(graph: Graph): readonly string[] {
  const result = scaleWeights.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

test('a scale of the channels goes to the weight and to its gradient', () => {
  const ops = ['rename', 'mul', 'conv_input_gradient', 'rename', 'conv_weight_gradient', 'mul'];
  expect(after(gradients({ K: 3 }))).toEqual(ops);
});

const kept = ['mul', 'conv_input_gradient', 'conv_weight_gradient'];

test('but not a scale of anything else', () => {
  expect(after(gradients({ H: 9 }))).toEqual(kept);
  expect(after(gradients({}))).toEqual(kept);
});

test('nor one of an image that is smaller than the weights', () => {
  expect(after(gradients({ K: 3 }, undefined, 5))).toEqual(kept);
  expect(after(gradients({ K: 3 }, undefined, 6))).toEqual(kept);
  expect(after(gradients({ K: 3 }, undefined, 7))).not.toEqual(kept);
});

test('nor one whose product something else reads', () => {
  expect(after(gradients({ K: 3 }, ({ b, g }) => b.output('y', b.op('relu', [g]))))).toEqual([
    ...kept,
    'relu',
  ]);
  expect(after(gradients({ K: 3 }, ({ b, g }) => b.output('g', g)))).toEqual(kept);
});

test('nor what goes into a convolution as its image or weight', () => {
  const x = { N: 2, C: 4, H: 18, W: 18 };
  const b = new GraphBuilder();
  const image = b.op('mul', [b.input('x', x), b.input('scale', { C: 4 })]);
  const g = b.input('g', { N: 2, K: 3, H: 9, W: 9 });
  b.output('dw', b.op('conv_weight_gradient', [image, g], { ...attributes }));
  expect(after(b.build())).toEqual(['mul', 'conv_weight_gradient']);
});
