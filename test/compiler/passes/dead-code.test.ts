import { expect, test } from 'vitest';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

test('removes nodes and parameters that no result depends on, and says which results of blocks are gone', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 3 });
  const used = b.op('mul', [x, b.weight('used', { C: 3 })]);
  const unused = b.op('relu', [b.op('mul', [x, b.weight('unused', { C: 3 })])]);
  const graph = b.output('y', used).block('f', 'F', used).block('g', 'G', unused).build();
  const live = deadCode.run(graph);
  expect(countOps(live)).toEqual({ mul: 1 });
  expect(live.params.map(({ path }) => path)).toEqual(['used']);
  expect(live.blocks.map(({ values }) => values)).toEqual([[used], [undefined]]);
  expectSameResults(graph, live);
});

test('keeps what only new state depends on', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 3 });
  const seen = b.state('seen', { C: 3 });
  const graph = b
    .output('y', x)
    .update('seen', b.op('add', [seen, x]))
    .build();
  expect(countOps(deadCode.run(graph))).toEqual({ add: 1 });
  expectSameResults(graph, deadCode.run(graph));
});

test('a node with several outputs stays whole while one of them is read', () => {
  const b = new GraphBuilder();
  const [first, second] = b.ops('split', [b.input('x', { C: 4 })], { axis: 'C', into: constant(2) });
  if (first === undefined || second === undefined) throw new Error('split has two outputs');
  const graph = b.output('y', second).block('f', 'F', first).build();
  expect(deadCode.run(graph)).toEqual(graph);
});
