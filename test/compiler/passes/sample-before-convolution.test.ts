import { expect, test } from 'vitest';
import { sampleBeforeConvolution } from '../../../src/compiler/passes/sample-before-convolution.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { conv } from '../../support/layers.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const image = (b: GraphBuilder) => b.input('x', { N: b.dynamic('N'), C: 6, H: 7, W: 4 });

/** The ops after the pass, which must have kept the meaning. */
function after(b: GraphBuilder): readonly string[] {
  const graph = b.build();
  const result = sampleBeforeConvolution.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

test.each([false, true])(
  'places are taken before a pointwise convolution reads them, with a bias: %s',
  (bias) => {
    const b = new GraphBuilder();
    b.output('y', conv(b, image(b), 'conv', { out: 5, to: 'K', kernel: 1, stride: 2, bias }));
    expect(after(b)).toEqual(['avg_pool', 'conv']);
  },
);

test('along the axes that have a stride, and in groups', () => {
  const b = new GraphBuilder();
  const x = image(b);
  const weight = b.weight('weight', { '.out': 4, '.in': 3, '.H': 1, '.W': 1 });
  const windows = (['H', 'W'] as const).map((axis) => ({ axis, kernel: constant(1), stride: constant(axis === 'W' ? 3 : 1), dilation: constant(1), before: constant(0), after: constant(0) })); // prettier-ignore
  b.output('y', b.op('conv', [x, weight], { from: 'C', to: 'C', windows, groups: constant(2) }));
  expect(after(b)).toEqual(['avg_pool', 'conv']);
});

test.each([
  ['at stride 1', { kernel: 1 }],
  ['with a kernel that sees its neighbours', { kernel: 3, stride: 2 }],
])('but not %s', (_what, convolution) => {
  const b = new GraphBuilder();
  b.output('y', conv(b, image(b), 'conv', { out: 5, ...convolution }));
  expect(after(b)).toEqual(['conv']);
});
