import { expect, test } from 'vitest';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import type { ChannelAffineAttributes } from '../../../src/compiler/ops/channel-affine.ts';
import { joinChannelAffine } from '../../../src/compiler/passes/join-channel-affine.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

const shape = { N: 2, C: 3, H: 4, W: 5 };

/** The joined operations after the pass, which must have kept the meaning, and how many other ones there are. */
function joined(graph: Graph): { readonly joined: readonly string[]; readonly left: readonly string[] } {
  const result = joinChannelAffine.run(graph);
  expectSameResults(graph, result);
  const isVector = new Set(['constant', 'add', 'exp', 'rsqrt', 'mul']);
  const affine = result.nodes.filter(({ op }) => op === 'channel_affine');
  return {
    joined: affine.map(({ attributes }) => {
      const { terms, relu } = attributes as ChannelAffineAttributes;
      return [...terms, ...(relu ? ['relu'] : [])].join(' ');
    }),
    left: result.nodes.flatMap(({ op, outputs }) =>
      op === 'channel_affine' || (isVector.has(op) && (outputs[0]?.type.axes.length ?? 0) < 2) ? [] : [op],
    ),
  };
}

function rescale(b: GraphBuilder, x: GraphValue, name: string): GraphValue {
  const vector = (what: string) => b.input(`${name}_${what}`, { C: 3 });
  const variance = b.op('exp', [vector('log')]);
  return b.op('rescale', [x, vector('weight'), vector('bias'), variance], { channel: 'C', eps: 1e-5 });
}

test('a rescaling becomes one, with the relu that alone reads it', () => {
  const b = new GraphBuilder();
  const y = b.op('relu', [rescale(b, b.input('x', shape), 'a')]);
  expect(joined(b.output('y', y).build())).toEqual({ joined: ['offset relu'], left: [] });
});

test('a relu whose operand is read elsewhere stays', () => {
  const b = new GraphBuilder();
  const z = rescale(b, b.input('x', shape), 'a');
  const graph = b
    .output('y', b.op('relu', [z]))
    .output('z', z)
    .build();
  expect(joined(graph)).toEqual({ joined: ['offset'], left: ['relu'] });
});

test('what is added and read nowhere else is added in its place, and then the relu', () => {
  const b = new GraphBuilder();
  const other = b.op('tanh', [b.input('other', { W: 5, H: 4, C: 3, N: 2 })]);
  const sum = b.op('add', [other, rescale(b, b.input('x', shape), 'a')]);
  const graph = b.output('y', b.op('relu', [sum])).build();
  expect(joined(graph)).toEqual({ joined: ['offset addend relu'], left: ['tanh'] });
});

test('of two rescalings that are added, one is added to the other', () => {
  const b = new GraphBuilder();
  const sum = b.op('add', [rescale(b, b.input('x', shape), 'a'), rescale(b, b.input('z', shape), 'b')]);
  expect(joined(b.output('y', sum).build())).toEqual({ joined: ['offset', 'offset addend'], left: [] });
});

test('what is added and read elsewhere, or is smaller, is not', () => {
  const b = new GraphBuilder();
  const other = b.op('tanh', [b.input('other', shape)]);
  const first = b.op('add', [other, rescale(b, b.input('x', shape), 'a')]);
  const second = b.op('add', [b.op('tanh', [b.input('small', { C: 3 })]), rescale(b, first, 'b')]);
  const graph = b.output('y', second).output('other', other).build();
  expect(joined(graph)).toEqual({ joined: ['offset', 'offset'], left: ['tanh', 'add', 'tanh', 'add'] });
});

test('what is added and read elsewhere is, where a relu follows', () => {
  const b = new GraphBuilder();
  const other = b.op('tanh', [b.input('other', shape)]);
  const sum = b.op('add', [rescale(b, b.input('x', shape), 'a'), other]);
  const graph = b
    .output('y', b.op('relu', [sum]))
    .output('other', other)
    .build();
  expect(joined(graph)).toEqual({ joined: ['offset addend relu'], left: ['tanh'] });
});

test('nothing is added before a relu that comes first', () => {
  const b = new GraphBuilder();
  const attributes = { channel: 'C', terms: [], relu: true };
  const y = b.op('channel_affine', [b.input('x', shape), b.input('gain', { C: 3 })], attributes);
  const sum = b.op('add', [y, b.op('tanh', [b.input('other', shape)])]);
  expect(joined(b.output('y', sum).build())).toEqual({ joined: ['relu'], left: ['tanh', 'add'] });
});

test('a product with a vector is joined only with what follows it', () => {
  const b = new GraphBuilder();
  const gain = b.input('gain', { C: 3 });
  const alone = b.op('mul', [gain, b.input('x', shape)]);
  const added = b.op('add', [b.op('mul', [b.input('z', shape), gain]), b.op('tanh', [b.input('w', shape)])]);
  const graph = b.output('alone', alone).output('added', added).build();
  expect(joined(graph)).toEqual({ joined: ['addend'], left: ['mul', 'tanh'] });
});

test('what is joined already takes a relu, and no second addend', () => {
  const b = new GraphBuilder();
  const [gain, first] = [b.input('gain', { C: 3 }), b.op('tanh', [b.input('first', shape)])];
  const attributes = { channel: 'C', terms: ['addend'], relu: false };
  const one = b.op('channel_affine', [b.input('x', shape), gain, first], attributes);
  const two = b.op(
    'channel_affine',
    [b.input('z', shape), gain, b.op('tanh', [b.input('v', shape)])],
    attributes,
  );
  const sum = b.op('add', [two, b.op('tanh', [b.input('u', shape)])]);
  const graph = b
    .output('y', b.op('relu', [one]))
    .output('sum', sum)
    .build();
  const result = joined(graph);
  expect(result.joined.toSorted()).toEqual(['addend', 'addend relu']);
  expect(result.left).toContain('add');
  expect(result.left).not.toContain('relu');
});
