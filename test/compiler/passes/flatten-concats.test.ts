import { expect, test } from 'vitest';
import { flattenConcats } from '../../../src/compiler/passes/flatten-concats.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

test('concatenations along one axis read the parts of those that they would read', () => {
  const b = new GraphBuilder();
  const parts = ['a', 'b', 'c', 'd'].map((name) => b.input(name, { N: 2, C: 3 }));
  const [first, ...others] = parts;
  if (first === undefined) throw new Error('there are no parts');
  const seen = others.reduce((all, part) => b.op('concat', [all, part], { axis: 'C' }), first);
  const graph = b.output('y', seen).build();
  const flat = flattenConcats.run(graph);
  expect(flat.nodes.at(-1)?.inputs.map(({ id }) => id)).toEqual(parts.map(({ id }) => id));
  expectSameResults(graph, flat);
});

test('those along another axis stay', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: 2, C: 3 });
  const wide = b.op('concat', [x, x], { axis: 'C' });
  const graph = b.output('y', b.op('concat', [wide, wide], { axis: 'N' })).build();
  expect(flattenConcats.run(graph).nodes).toEqual(graph.nodes);
});

test('a deep chain does not become as many edges as the square of its length', () => {
  const b = new GraphBuilder();
  let seen = b.input('x', { C: 1 });
  for (let i = 0; i < 1_000; i++) seen = b.op('concat', [seen, b.input(`x${i}`, { C: 1 })], { axis: 'C' });
  const graph = b.output('y', seen).build();
  const flat = flattenConcats.run(graph);
  expect(Math.max(...flat.nodes.map(({ inputs }) => inputs.length))).toBe(64);
  expectSameResults(graph, flat);
});
