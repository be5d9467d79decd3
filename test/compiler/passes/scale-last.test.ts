import { expect, test } from 'vitest';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { scaleLast } from '../../../src/compiler/passes/scale-last.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const shape = { N: 2, C: 3, H: 4, W: 5 };

/** Whether the pass scales last, which must have kept the meaning. */
function isScaledLast(graph: Graph): boolean {
  const result = scaleLast.run(graph);
  expectSameResults(graph, result);
  return result.nodes.at(-1)?.op === 'mul';
}

interface Parts {
  readonly b: GraphBuilder;
  readonly scale: GraphValue;
  /** Other vectors. */
  readonly u: GraphValue;
  readonly v: GraphValue;
}

function affine(vectors: (parts: Parts) => readonly GraphValue[], relu = false): Graph {
  const b = new GraphBuilder();
  const [scale, u, v] = ['scale', 'u', 'v'].map((name) => b.input(name, { C: 3 }));
  if (scale === undefined || u === undefined || v === undefined) throw new Error('no vectors');
  const given = vectors({ b, scale, u, v });
  const addend = b.op('mul', [b.input('g', shape), scale]);
  const terms = given.length === 1 ? ['addend'] : ['offset', 'addend'];
  const inputs = [b.input('x', shape), ...given, addend];
  return b.output('y', b.op('channel_affine', inputs, { channel: 'C', terms, relu })).build();
}

test.each<[string, (parts: Parts) => readonly GraphValue[]]>([
  ['the scale itself', ({ scale }) => [scale]],
  ['a product', ({ b, scale, u }) => [b.op('mul', [u, scale])]],
  ['a product in a product', ({ b, scale, u, v }) => [b.op('mul', [b.op('mul', [scale, u]), v])]],
  ['a multiple', ({ b, scale }) => [b.op('mul', [scale, b.number(-0.5)])]],
  [
    'a quotient and its negative',
    ({ b, scale, u, v }) => {
      const quotient = b.op('div', [b.op('mul', [v, scale]), b.op('exp', [u])]);
      return [quotient, b.op('neg', [quotient])];
    },
  ],
  ['its square', ({ b, scale }) => [b.op('mul', [scale, scale])]],
])('a scale of all terms is applied last: %s', (_what, vectors) => {
  expect(isScaledLast(affine(vectors))).toBe(true);
});

test.each<[string, (parts: Parts) => readonly GraphValue[]]>([
  ['another vector', ({ u }) => [u]],
  ['a sum', ({ b, scale, u }) => [b.op('add', [scale, u])]],
  ['a divisor', ({ b, scale, u }) => [b.op('div', [u, b.op('exp', [scale])])]],
  ['a product beside an offset that is none', ({ b, scale, u, v }) => [b.op('mul', [u, scale]), v]],
])('but not %s', (_what, vectors) => {
  expect(isScaledLast(affine(vectors))).toBe(false);
});

test('nor what a relu cuts off', () => {
  expect(isScaledLast(affine(({ scale }) => [scale], true))).toBe(false);
});
