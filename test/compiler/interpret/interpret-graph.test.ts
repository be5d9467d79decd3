import { expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { add, constant, scale } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';

const array = (shape: Readonly<Record<string, number>>, ...data: number[]): NdArray => ({
  type: { dtype: 'f32', axes: Object.entries(shape).map(([name, size]) => ({ name, size })) },
  data: Float64Array.from(data),
});

test('evaluates outputs and new state, inputs given in any order of axes', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 2 });
  const seen = b.state('seen', { C: 2 });
  const graph = b
    .output('y', b.op('mul', [x, b.weight('w', { C: 2 })]))
    .update('seen', b.op('add', [seen, b.number(1)]))
    .build();
  const weights = new Map([
    ['w', [10, 100]],
    ['seen', [0.5, 1.5]],
  ]);
  const { outputs, updates } = interpretGraph(
    graph,
    new Map([['x', array({ C: 2, N: 3 }, 1, 2, 3, 4, 5, 6)]]),
    weights,
  );
  expect(outputs.get('y')).toEqual(array({ N: 3, C: 2 }, 10, 400, 20, 500, 30, 600));
  expect(updates.get('seen')).toEqual(array({ C: 2 }, 1.5, 2.5));
});

test('reads dynamic sizes off the inputs, also through `2 * N + 1`', () => {
  const b = new GraphBuilder();
  const n = b.dynamic('N');
  const x = b.input('x', { T: add(scale(n, 2), constant(1)) });
  const graph = b.output('y', b.op('expand', [x], { over: [{ axis: 'N', size: n }] })).build();
  const { outputs } = interpretGraph(graph, new Map([['x', array({ T: 5 }, 1, 2, 3, 4, 5)]]), new Map());
  expect(outputs.get('y')).toEqual(array({ N: 2, T: 5 }, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5));
  expect(() => interpretGraph(graph, new Map([['x', array({ T: 4 }, 1, 2, 3, 4)]]), new Map())).toThrow(
    'input x cannot have length 4 on T',
  );
});

test('shows every value that a node makes, in order', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 1 });
  const [y, z] = [b.op('neg', [x]), b.op('abs', [x])];
  const graph = b.output('y', b.op('add', [y, z])).build();
  const seen: [number, number | undefined][] = [];
  interpretGraph(graph, new Map([['x', array({ C: 1 }, -3)]]), new Map(), {
    observe: ({ id }, { data }) => seen.push([id, data[0]]),
  });
  expect(seen).toEqual([
    [y.id, 3],
    [z.id, 3],
    [z.id + 1, 6],
  ]);
});

test('refuses inputs and weights that are missing or misshapen, by name', () => {
  const b = new GraphBuilder();
  const graph = b.output('y', b.op('mul', [b.input('x', { C: 2 }), b.weight('w', { C: 2 })])).build();
  const x = new Map([['x', array({ C: 2 }, 1, 2)]]);
  const w = new Map([['w', [1, 2]]]);
  expect(() => interpretGraph(graph, new Map(), w)).toThrow('input x is missing');
  expect(() => interpretGraph(graph, new Map([['x', array({ C: 3 }, 1, 2, 3)]]), w)).toThrow(
    'input x is [C: 3], but must be [C: 2]',
  );
  expect(() => interpretGraph(graph, x, new Map())).toThrow('weights of w are missing');
  expect(() => interpretGraph(graph, x, new Map([['w', [1]]]))).toThrow(
    'w has 1 weights, but [C: 2] needs 2',
  );
});
