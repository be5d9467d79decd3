import { expect, test } from 'vitest';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { joinPieces } from '../../../src/compiler/passes/join-pieces.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

const lengths = [2, 1, 3].map((length) => constant(length));

/** A vector cut in three, of which these pieces are joined again after their axes had other names. */
function joined(pieces: readonly number[]) {
  const b = new GraphBuilder();
  const cut = b.ops('cut', [b.input('x', { P: 6 })], { axis: 'P', lengths });
  const renamed = cut.map((piece, i) => {
    const away = b.op('rename', [piece], { from: ['P'], to: [`Q${i}`] });
    return b.op('rename', [away], { from: [`Q${i}`], to: ['P'] });
  });
  const parts = pieces.flatMap((i) => renamed[i] ?? []);
  return b.output('y', b.op('neg', [b.op('concat', parts, { axis: 'P' })])).build();
}

test('all pieces in their order are the whole, whatever their axes were called meanwhile', () => {
  const graph = joined([0, 1, 2]);
  const short = deadCode.run(joinPieces.run(graph));
  expect(countOps(short)).toEqual({ neg: 1 });
  expectSameResults(graph, short);
});

test('some of the pieces, or all in another order, are not', () => {
  for (const pieces of [
    [0, 1],
    [1, 2],
    [0, 2, 1],
    [0, 1, 2, 2],
  ]) {
    const graph = joined(pieces);
    expect(joinPieces.run(graph)).toEqual(graph);
  }
});

test('pieces of different vectors are not', () => {
  const b = new GraphBuilder();
  const [a = [], c = []] = ['a', 'c'].map((name) => b.ops('cut', [b.input(name, { P: 6 })], { axis: 'P', lengths })); // prettier-ignore
  const parts = [...a.slice(0, 1), ...c.slice(1)];
  const graph = b.output('y', b.op('concat', parts, { axis: 'P' })).build();
  expect(joinPieces.run(graph)).toEqual(graph);
});

test('matrices are left alone: the order of their axes may have been another one', () => {
  const b = new GraphBuilder();
  const cut = b.ops('cut', [b.input('x', { P: 6, C: 2 })], { axis: 'P', lengths });
  const graph = b.output('y', b.op('concat', cut, { axis: 'P' })).build();
  expect(joinPieces.run(graph)).toEqual(graph);
});
