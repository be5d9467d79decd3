import { expect, test } from 'vitest';
import { schedule } from '../../../src/compiler/passes/schedule.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

test('what frees memory runs as soon as it can, and a mask when its gradient is there', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: 2, C: 3 });
  const w = b.weight('w', { C: 3 });
  const first = b.op('mul', [x, w], {}, 'first');
  const y = b.op('relu', [first], {}, 'y');
  const mask = b.op('is_positive', [y], {}, 'mask');
  const gradient = b.op('neg', [b.op('exp', [y], {}, 'exp')], {}, 'gradient');
  const slope = b.op('mul', [gradient, mask], {}, 'slope');
  b.update('w', b.op('sum', [slope], { over: ['N'] }, 'update'));
  b.output('early', b.op('sum', [x], { over: ['N', 'C'] }, 'early'));
  const graph = b.build();
  const scheduled = schedule.run(graph);
  expect(scheduled.nodes.map(({ path }) => path)).toEqual([
    'early',
    'first',
    'y',
    'exp',
    'gradient',
    'mask',
    'slope',
    'update',
  ]);
  expectSameResults(graph, scheduled);
});

test('a sum over something large does not wait for whoever reads it', () => {
  const b = new GraphBuilder();
  const large = b.op('exp', [b.input('x', { N: 200, C: 200 })], {}, 'large');
  const sum = b.op('sum', [large], { over: ['N'] }, 'sum');
  const chain = ['one', 'two', 'three'].reduce(
    (value, path) => b.op('neg', [value], {}, path),
    b.input('z', { C: 200 }),
  );
  const graph = b.output('y', b.op('add', [chain, sum], {}, 'last')).build();
  expect(schedule.run(graph).nodes.map(({ path }) => path)).toEqual([
    'large',
    'sum',
    'one',
    'two',
    'three',
    'last',
  ]);
});
