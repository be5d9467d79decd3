import { expect, test } from 'vitest';
import { constantFolding } from '../../../src/compiler/passes/constant-folding.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

test('computes numbers from numbers', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const half = b.op('div', [b.number(1), b.op('mul', [b.number(2), b.number(4)])]);
  const graph = b.output('y', b.op('mul', [x, half])).build();
  const folded = constantFolding.run(graph);
  expect(countOps(folded)).toEqual({ constant: 5, mul: 1 });
  expect(folded.nodes.at(-1)?.inputs[1]).toBe(folded.nodes.at(-2)?.outputs[0]);
  expect(folded.nodes.at(-2)?.attributes).toEqual({ value: 0.125 });
  expectSameResults(graph, folded);
});

test('drops what adds 0 or multiplies by 1', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const [zero, one] = [b.number(0), b.number(1)];
  let y = b.op('add', [x, zero]);
  y = b.op('mul', [one, y]);
  y = b.op('div', [y, one]);
  y = b.op('pow', [y, one]);
  y = b.op('sub', [y, zero]);
  y = b.op('relu', [y]);
  const graph = b.output('y', y).block('f', 'F', y).build();
  const folded = constantFolding.run(graph);
  expect(countOps(folded)).toEqual({ constant: 2, relu: 1 });
  expect(folded.nodes.at(-1)?.inputs[0]).toBe(x);
  expectSameResults(graph, folded);
});

test('keeps what is not neutral: 0 - x, 1 / x, 1 ** x, and a number spread over axes', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 3 });
  const y = b.op('sub', [b.number(0), x]);
  const z = b.op('div', [b.number(1), y]);
  const graph = b.output('y', b.op('pow', [b.number(1), z])).build();
  const folded = constantFolding.run(graph);
  expect(countOps(folded)).toEqual(countOps(graph));
  expectSameResults(graph, folded);
});

test('an output keeps the declared order of its axes when another value takes its place', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: 2, C: 3 });
  const y = b.op('add', [x, b.number(0)]);
  const graph = b.output('y', { ...y, type: { ...y.type, axes: y.type.axes.toReversed() } }).build();
  const folded = constantFolding.run(graph);
  expect(folded.outputs[0]?.value.type.axes.map(({ name }) => name)).toEqual(['C', 'N']);
  expectSameResults(graph, folded);
});
