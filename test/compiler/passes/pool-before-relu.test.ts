import { expect, test } from 'vitest';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { poolBeforeRelu } from '../../../src/compiler/passes/pool-before-relu.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const image = (b: GraphBuilder) => b.input('x', { N: b.dynamic('N'), C: 3, H: 7, W: 6 });

/** Over windows of 3 that overlap and reach into padding. */
function pool(b: GraphBuilder, op: 'max_pool' | 'avg_pool', x: GraphValue): GraphValue {
  const two = constant(2);
  const one = constant(1);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(3), stride: two, dilation: one, before: one, after: one })); // prettier-ignore
  return b.op(op, [x], op === 'max_pool' ? { windows } : { windows, countPadding: true });
}

/** The ops after the pass, which must have kept the meaning. */
function after(graph: Graph): readonly string[] {
  const result = poolBeforeRelu.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

test('maxima are taken before the relu', () => {
  const b = new GraphBuilder();
  const y = b.op('tanh', [pool(b, 'max_pool', b.op('relu', [image(b)]))]);
  expect(after(b.output('y', y).build())).toEqual(['max_pool', 'relu', 'tanh']);
});

test('by several pools, one behind the other, each behind its relu', () => {
  const b = new GraphBuilder();
  const first = pool(b, 'max_pool', b.op('relu', [image(b)]));
  const second = pool(b, 'max_pool', b.op('relu', [b.op('neg', [first])]));
  expect(after(b.output('y', second).build())).toEqual(['max_pool', 'relu', 'neg', 'max_pool', 'relu']);
});

test('but not while something else reads what the relu lets through', () => {
  const b = new GraphBuilder();
  const x = b.op('relu', [image(b)]);
  const graph = b
    .output('y', pool(b, 'max_pool', x))
    .output('x', x)
    .build();
  expect(after(graph)).toEqual(['relu', 'max_pool']);
});

test('averages stay behind it', () => {
  const b = new GraphBuilder();
  const graph = b.output('y', pool(b, 'avg_pool', b.op('relu', [image(b)]))).build();
  expect(after(graph)).toEqual(['relu', 'avg_pool']);
});
