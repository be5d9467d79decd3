import { expect, test } from 'vitest';
import { peakMemory } from '../../../src/compiler/memory/peak-memory.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';

test('values live from the node that makes them to the last that reads them, results to the end', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { C: 100 });
  const one = b.op('exp', [x]);
  const two = b.op('neg', [one]);
  const three = b.op('abs', [two]);
  b.update('w', b.op('mul', [three, b.weight('w', { C: 100 })]));
  b.output('y', three);
  // x and w all the time, then two of three in a row, or the result and what it is made of.
  expect(peakMemory(b.build())).toBe(4 * 400);
});

test('what an operation calls by other axes lies where it lay', () => {
  const b = new GraphBuilder();
  const y = b.op('exp', [b.input('x', { C: 100 })]);
  const renamed = b.op('rename', [y], { from: ['C'], to: ['K'] });
  b.output('y', b.op('neg', [renamed]));
  expect(peakMemory(b.build())).toBe(3 * 400);
});

test('booleans take a byte', () => {
  const b = new GraphBuilder();
  b.output('y', b.op('greater', [b.input('x', { C: 100 }), b.number(0)]));
  expect(peakMemory(b.build())).toBe(400 + 4 + 100);
});
