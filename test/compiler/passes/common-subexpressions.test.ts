import { expect, test } from 'vitest';
import { commonSubexpressions } from '../../../src/compiler/passes/common-subexpressions.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

test('equal nodes on equal values are computed once, transitively', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const branch = () => b.op('sigmoid', [b.op('mul', [x, b.number(2)])]);
  const [left, right] = [branch(), branch()];
  const graph = b
    .output('y', b.op('add', [left, right]))
    .block('f', 'F', left)
    .block('g', 'G', right)
    .build();
  const merged = commonSubexpressions.run(graph);
  expect(countOps(merged)).toEqual({ add: 1, constant: 1, mul: 1, sigmoid: 1 });
  expect(merged.blocks.map(({ values }) => values)).toEqual([[left], [left]]);
  expectSameResults(graph, merged);
});

test('nodes with other parameters, attributes or orders of operands stay apart', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 3 });
  const [v, w] = [b.weight('v', { C: 3 }), b.weight('w', { C: 3 })];
  const values = [
    b.op('mul', [x, v]),
    b.op('mul', [x, w]),
    b.op('mul', [w, x]),
    b.op('clamp', [x], { min: 0, max: 1 }),
    b.op('clamp', [x], { min: 0, max: 2 }),
  ];
  const graph = b.output('y', values.reduce((sum, value) => b.op('add', [sum, value]))).build(); // prettier-ignore
  expect(commonSubexpressions.run(graph)).toEqual(graph);
});

test('of many nodes on one value, those with equal attributes merge, whichever came first', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 3 });
  const clamped = (max: number) => b.op('clamp', [x], { min: 0, max });
  const values = [1, 2, 3, 2, 3, 1].map(clamped);
  const graph = b.output('y', values.reduce((sum, value) => b.op('sub', [sum, value]))).build(); // prettier-ignore
  const merged = commonSubexpressions.run(graph);
  expect(countOps(merged)).toEqual({ clamp: 3, sub: 5 });
  expectSameResults(graph, merged);
});

test('two outputs that become one value keep their names and their own order of axes', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: 2, C: 3 });
  const [one, two] = [b.op('relu', [x]), b.op('relu', [x])];
  const graph = b
    .output('one', one)
    .output('two', { ...two, type: { ...two.type, axes: two.type.axes.toReversed() } })
    .build();
  const merged = commonSubexpressions.run(graph);
  expect(countOps(merged)).toEqual({ relu: 1 });
  expectSameResults(graph, merged);
});
