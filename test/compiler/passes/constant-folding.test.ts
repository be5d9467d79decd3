import { expect, test } from 'vitest';
import { constantFolding } from '../../../src/compiler/passes/constant-folding.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
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

test('drops slices, pads and resizes to the length that is there', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3, H: 4, W: 1 });
  const [zero, one, four] = [constant(0), constant(1), constant(4)];
  let y = b.op('slice', [x], { axis: 'H', start: zero, stop: four, step: one });
  y = b.op('slice', [y], { axis: 'W', start: zero, stop: one, step: four });
  y = b.op('pad', [y], { over: [{ axis: 'H', before: zero, after: zero }], mode: 'edge', value: 0 });
  y = b.op('resize', [y], { over: [{ axis: 'H', size: four }], mode: 'bilinear', corners: 'aligned' });
  y = b.op('relu', [y]);
  y = b.op('pad', [y], { over: [{ axis: 'H', before: one, after: zero }], mode: 'edge', value: 0 });
  y = b.op('slice', [y], { axis: 'H', start: zero, stop: four, step: one });
  const graph = b.output('y', y).build();
  const folded = constantFolding.run(graph);
  expect(countOps(folded)).toEqual({ relu: 1, pad: 1, slice: 1 });
  expect(folded.nodes[0]?.inputs[0]).toBe(x);
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
