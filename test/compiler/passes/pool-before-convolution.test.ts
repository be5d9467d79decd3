import { expect, test } from 'vitest';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { poolBeforeConvolution } from '../../../src/compiler/passes/pool-before-convolution.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { conv } from '../../support/layers.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const image = (b: GraphBuilder) => b.input('x', { N: b.dynamic('N'), C: 3, H: 7, W: 4 });

interface PoolOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly axes?: readonly string[];
}

function averages(
  b: GraphBuilder,
  x: GraphValue,
  { kernel = 2, stride = 2, pad = 0, axes = ['H', 'W'] }: PoolOptions = {},
) {
  const [before, after] = [constant(pad), constant(pad)];
  const windows = axes.map((axis) => ({ axis, kernel: constant(kernel), stride: constant(stride), dilation: constant(1), before, after })); // prettier-ignore
  return b.op('avg_pool', [x], { windows, countPadding: true });
}

/** The ops after the pass, which must have kept the meaning. */
function after(graph: Graph): readonly string[] {
  const result = poolBeforeConvolution.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

test.each([false, true])('a pool comes before a pointwise convolution, with a bias: %s', (bias) => {
  const b = new GraphBuilder();
  const x = conv(b, image(b), 'conv', { out: 5, to: 'K', kernel: 1, bias });
  const graph = b.output('y', averages(b, x)).block('conv', 'Narrow', x).build();
  expect(after(graph)).toEqual(['avg_pool', 'conv']);
  // What the block returned is not computed any more.
  expect(poolBeforeConvolution.run(graph).blocks[0]?.values).toEqual([undefined]);
});

test('so do several, one behind the other', () => {
  const b = new GraphBuilder();
  const first = averages(b, conv(b, image(b), 'a', { out: 5, kernel: 1 }), { axes: ['H'] });
  const second = averages(b, conv(b, first, 'b', { out: 2, kernel: 1 }), { axes: ['W'] });
  expect(after(b.output('y', second).build())).toEqual(['avg_pool', 'conv', 'avg_pool', 'conv']);
});

test.each([
  ['a kernel that sees its neighbours', { kernel: 3 }, {}],
  ['a stride', { kernel: 1, stride: 2 }, {}],
  ['a pool along the channels that the convolution makes', { kernel: 1 }, { axes: ['C'] }],
  ['windows that overlap', { kernel: 1 }, { kernel: 3 }],
  ['windows that reach into padding', { kernel: 1 }, { kernel: 3, stride: 3, pad: 1 }],
])('but not with %s', (_what, convolution, pool) => {
  const b = new GraphBuilder();
  const x = conv(b, image(b), 'conv', { out: 5, ...convolution });
  expect(after(b.output('y', averages(b, x, pool)).build())).toEqual(['conv', 'avg_pool']);
});

test('but not while something else reads the result of the convolution', () => {
  const b = new GraphBuilder();
  const x = conv(b, image(b), 'conv', { out: 5, kernel: 1 });
  const graph = b.output('y', averages(b, x)).output('raw', x).build();
  expect(after(graph)).toEqual(['conv', 'avg_pool']);
});
