import { expect, test } from 'vitest';
import { axisNames, tensorType, type TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import { chooseAxisOrder, type OpUse } from '../../../src/compiler/lower/axis-order.ts';
import type { Dialect } from '../../../src/compiler/ops/op.ts';
import { freshVar, variable } from '../../../src/compiler/shapes/size.ts';
import { axesOf, GraphBuilder, type Shape } from '../../support/graph-builder.ts';
import { conv, linear } from '../../support/layers.ts';

const typed = (shape: Shape): TensorType => tensorType(axesOf(shape));

function usesOf(b: GraphBuilder): readonly OpUse[] {
  const { nodes, params } = b.build();
  const stored = new Set(params.map(({ value }) => value.id));
  return nodes.map(({ op, attributes, inputs, outputs }) => ({
    op,
    attributes,
    inputs: inputs.map(({ type }) => type),
    outputs: outputs.map(({ type }) => type),
    stored: new Set(inputs.flatMap(({ id }, i) => (stored.has(id) ? [i] : []))),
  }));
}

test.each<[Dialect, readonly string[]]>([
  ['channels-first', ['N', 'C', 'H', 'W']],
  ['channels-last', ['N', 'H', 'W', 'C']],
])('a convolution brings images into the order of %s', (dialect, order) => {
  const b = new GraphBuilder();
  conv(b, b.input('x', { N: 2, C: 3, H: 5, W: 4 }), 'conv', { out: 8 });
  const sorted = chooseAxisOrder(usesOf(b), dialect, [typed({ N: 2, C: 3, H: 5, W: 4 })]);
  expect(sorted(['W', 'C', 'N', 'H'])).toEqual(order);
  expect(sorted(['C', 'H'])).toEqual(order.filter((name) => name === 'C' || name === 'H'));
});

test('where no op cares, names come in the order in which inputs declare them, then in that of their use', () => {
  const b = new GraphBuilder();
  b.op('relu', [b.op('expand', [b.input('x', { T: 2, D: 3 })], { over: [] })]);
  const uses: readonly OpUse[] = [
    { op: 'relu', attributes: {}, inputs: [typed({ Z: 1 })], outputs: [typed({ Z: 1 })] },
  ];
  const sorted = chooseAxisOrder(uses, 'channels-first', [typed({ T: 2, D: 3 }), typed({ D: 3, A: 1 })]);
  expect(sorted(['Z', 'A', 'unknown', 'D', 'T'])).toEqual(['T', 'D', 'A', 'Z', 'unknown']);
});

test('of wishes that contradict each other the heavier is granted', () => {
  const small = typed({ A: 2, B: 3 });
  const large = typed({ B: 30, A: 20 });
  expect(chooseAxisOrder([], 'channels-first', [small, large])(['A', 'B'])).toEqual(['B', 'A']);
  expect(chooseAxisOrder([], 'channels-first', [large, small])(['A', 'B'])).toEqual(['B', 'A']);
});

test('a circle of wishes is broken where it is weakest', () => {
  const types = [typed({ A: 9, B: 9 }), typed({ B: 9, C: 9 }), typed({ C: 2, A: 2 })];
  expect(chooseAxisOrder([], 'channels-first', types)(['C', 'B', 'A'])).toEqual(['A', 'B', 'C']);
});

test('sizes that are not known count as middling', () => {
  const n = variable(freshVar('n'));
  const [small, large] = [typed({ A: 2, B: 2 }), typed({ B: n, A: 2 })];
  expect(chooseAxisOrder([], 'channels-first', [small, large])(['A', 'B'])).toEqual(['B', 'A']);
});

test('a name that is only a renaming of another takes its place', () => {
  const b = new GraphBuilder();
  const x = conv(b, b.input('x', { N: 2, C: 3, H: 5, W: 4 }), 'conv', { out: 8 });
  b.op('rename', [x], { from: ['C'], to: ['K'] });
  const sorted = chooseAxisOrder(usesOf(b), 'channels-first', [typed({ N: 2, C: 3, H: 5, W: 4 })]);
  expect(sorted(['N', 'H', 'W', 'K'])).toEqual(['N', 'K', 'H', 'W']);
});

test('the order does not depend on the order of the uses', () => {
  const b = new GraphBuilder();
  const x = conv(b, b.input('x', { N: 2, C: 3, H: 5, W: 4 }), 'conv', { out: 8 });
  linear(b, b.op('mean', [x], { over: ['W'] }), 'fc', 'C', 'K', 5);
  const uses = usesOf(b);
  const names = uses.flatMap(({ outputs }) => outputs.flatMap(axisNames));
  const declared = [typed({ N: 2, C: 3, H: 5, W: 4, K: 5 })];
  const order = chooseAxisOrder(uses, 'channels-last', declared)(names);
  expect(chooseAxisOrder(uses.toReversed(), 'channels-last', declared)(names)).toEqual(order);
});

test('parameters wish nothing: they are stored as they are read', () => {
  const use = (stored: ReadonlySet<number>): OpUse => ({
    op: 'contract',
    attributes: { over: [{ left: 'C', right: '.in' }] },
    inputs: [typed({ N: 1, C: 2 }), typed({ K: 100, '.in': 2 })],
    outputs: [typed({ N: 1, K: 100 })],
    stored,
  });
  const declared = [typed({ '.in': 1, K: 1 })];
  const order = (stored: ReadonlySet<number>) =>
    chooseAxisOrder([use(stored)], 'channels-last', declared)(['K', '.in']);
  expect(order(new Set([1]))).toEqual(['.in', 'K']);
});
