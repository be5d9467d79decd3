import { expect, test } from 'vitest';
import { freeze } from '../../../src/compiler/passes/freeze.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { randomWeights } from '../../support/random-values.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

test('what depends on parameters alone becomes a parameter, computed once', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const scale = b.op('exp', [b.op('mul', [b.weight('a', { C: 3 }), b.number(0.5)])], {}, 'norm');
  const shared = b.op('add', [b.op('mul', [x, scale]), scale]);
  const graph = b.output('y', b.op('mul', [shared, b.weight('b', { C: 3 })])).build();
  const weights = randomWeights(graph);
  const frozen = freeze(graph, weights);
  expect(countOps(frozen.graph)).toEqual({ add: 1, mul: 2 });
  expect(frozen.graph.params.map(({ path }) => path)).toEqual(['b', 'norm/exp/folded']);
  expect([...frozen.weights.keys()]).toEqual(['b', 'norm/exp/folded']);
  const expected = Float32Array.from(weights.get('a') ?? [], (value) => Math.exp(value * 0.5));
  expect(frozen.weights.get('norm/exp/folded')).toEqual(expected);
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('renamed parameters and numbers stay what they are', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const bias = b.op('rename', [b.weight('bias', { '.out': 3 })], { from: ['.out'], to: ['C'] });
  const graph = b.output('y', b.op('mul', [b.op('add', [x, bias]), b.number(2)])).build();
  const frozen = freeze(graph, randomWeights(graph));
  expect(frozen.graph).toEqual(graph);
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('a renaming of what was computed stays beside its new parameter', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const squared = b.op('exp', [b.weight('w', { '.out': 3 })], {}, 'f');
  const graph = b
    .output('y', b.op('add', [x, b.op('rename', [squared], { from: ['.out'], to: ['C'] })]))
    .build();
  const frozen = freeze(graph, randomWeights(graph));
  expect(countOps(frozen.graph)).toEqual({ add: 1, rename: 1 });
  expect(frozen.graph.params.map(({ path }) => path)).toEqual(['f/exp/folded']);
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('data that only repeats is not written out', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), H: 100, W: 100 });
  const map = b.op('expand', [b.op('exp', [b.weight('w', { W: 100 })])], {
    over: [{ axis: 'H', size: constant(100) }],
  });
  const graph = b.output('y', b.op('add', [x, map])).build();
  const frozen = freeze(graph, randomWeights(graph));
  expect(countOps(frozen.graph)).toEqual({ add: 1, expand: 1 });
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('an output that depends on parameters alone is a parameter', () => {
  const b = new GraphBuilder();
  b.input('x', { N: 2 });
  const graph = b.output('y', b.op('relu', [b.weight('w', { C: 3 })], {}, 'f')).build();
  const frozen = freeze(graph, randomWeights(graph));
  expect(frozen.graph.nodes).toEqual([]);
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('weights that are missing or of the wrong length are refused by name', () => {
  const b = new GraphBuilder();
  const graph = b.output('y', b.op('relu', [b.weight('w', { C: 3 })], {}, 'f')).build();
  expect(() => freeze(graph, new Map())).toThrow('weights of w are missing');
  expect(() => freeze(graph, new Map([['w', new Float32Array(2)]]))).toThrow('w has 2 weights, but needs 3');
});

test('weights that are given away are scaled where they are, unless something else reads them', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const factor = b.weight('factor', { C: 3 });
  const once = b.op('mul', [b.weight('once', { C: 3 }), factor], {}, 'f');
  const twice = b.weight('twice', { C: 3 });
  const first = b.op('mul', [twice, factor], {}, 'g');
  const second = b.op('mul', [twice, factor], {}, 'h');
  const kept = b.weight('kept', { C: 3 });
  const fromKept = b.op('mul', [kept, factor], {}, 'k');
  const sum = [once, first, second, kept, fromKept].reduce((left, right) => b.op('add', [left, right]), x);
  const graph = b.output('y', sum).build();
  const weights = randomWeights(graph);
  const given = new Map([...weights].map(([path, values]) => [path, values.slice()]));

  const frozen = freeze(graph, given, 'given');

  expect(frozen.weights.get('f/mul/folded')).toBe(given.get('once'));
  expect(frozen.weights.get('g/mul/folded')).not.toBe(given.get('twice'));
  expect(given.get('kept')).toEqual(weights.get('kept'));
  expect(frozen.weights).toEqual(freeze(graph, weights).weights);
});

test('weights that are lent stay what they are', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const product = b.op('mul', [b.weight('w', { C: 3 }), b.weight('factor', { C: 3 })], {}, 'f');
  const graph = b.output('y', b.op('mul', [x, product])).build();
  const weights = randomWeights(graph);
  const before = new Map([...weights].map(([path, values]) => [path, values.slice()]));
  freeze(graph, weights);
  expect(weights).toEqual(before);
});
