import { expect, test } from 'vitest';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { sumBeforeScale } from '../../../src/compiler/passes/sum-before-scale.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

/** The ops after the pass, which must have kept the meaning. */
function after(graph: Graph): readonly string[] {
  const result = sumBeforeScale.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

const shape = { N: 2, C: 3, H: 4, W: 5 };

test.each(['left', 'right'])('a factor on the %s is applied to the sum', (side) => {
  const b = new GraphBuilder();
  const [x, gain] = [b.input('x', shape), b.input('gain', { C: 3 })];
  const product = b.op('mul', side === 'left' ? [gain, x] : [x, gain]);
  const graph = b
    .output('y', b.op('sum', [product], { over: ['N', 'H', 'W'] }))
    .output('z', product)
    .build();
  expect(after(graph)).toEqual(['mul', 'sum', 'mul']);
});

test('so is a number', () => {
  const b = new GraphBuilder();
  const product = b.op('mul', [b.input('x', shape), b.input('factor', {})]);
  const graph = b.output('y', b.op('sum', [product], { over: ['C'] })).build();
  expect(after(graph)).toEqual(['mul', 'sum', 'mul']);
});

test('but not a factor that varies along something that is summed', () => {
  const b = new GraphBuilder();
  const product = b.op('mul', [b.input('x', shape), b.input('v', { C: 3, W: 5 })]);
  const graph = b.output('y', b.op('sum', [product], { over: ['N', 'W'] })).build();
  expect(after(graph)).toEqual(['mul', 'sum']);
});
