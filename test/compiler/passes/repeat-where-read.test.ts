import { expect, test } from 'vitest';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { repeatWhereRead } from '../../../src/compiler/passes/repeat-where-read.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

/** The ops after the pass, which must have kept the meaning. */
function after(graph: Graph): readonly string[] {
  const result = deadCode.run(repeatWhereRead.run(graph));
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

const image = { N: 2, C: 3, H: 4, W: 5 };
const places = { over: ['H', 'W'].map((axis, i) => ({ axis, size: constant(4 + i) })) };

test.each(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'is_equal'])(
  '%s repeats the smaller tensor by itself, on either side',
  (op) => {
    const b = new GraphBuilder();
    const [x, small] = [b.input('x', image), b.input('small', { N: 2, C: 3 })];
    b.output('left', b.op(op, [b.op('expand', [b.op('exp', [small])], places), b.op('exp', [x])]));
    b.output('right', b.op(op, [b.op('exp', [x]), b.op('expand', [b.op('exp', [small])], places)]));
    const ops = after(b.build());
    expect(ops).not.toContain('expand');
    expect(ops.filter((name) => name === op)).toHaveLength(2);
  },
);

test('of two that are repeated, one is', () => {
  const b = new GraphBuilder();
  const [s, t] = [b.input('s', { N: 2, C: 3 }), b.input('t', { N: 2, C: 3 })];
  b.output('y', b.op('mul', [b.op('expand', [s], places), b.op('expand', [t], places)]));
  expect(after(b.build())).toEqual(['expand', 'mul']);
});

test('what others read besides is repeated still', () => {
  const b = new GraphBuilder();
  const expanded = b.op('expand', [b.input('small', { N: 2, C: 3 })], places);
  b.output('y', b.op('add', [b.input('x', image), expanded]));
  b.output('z', b.op('relu', [expanded]));
  expect(after(b.build())).toEqual(['expand', 'add', 'relu']);
});
