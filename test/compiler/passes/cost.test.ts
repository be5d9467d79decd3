import { expect, test } from 'vitest';
import { printType } from '../../../src/compiler/ir/tensor-type.ts';
import { cost } from '../../../src/compiler/passes/cost.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { batchNorm, conv, linear } from '../../support/layers.ts';

test('counts parameters, arithmetic and activations of every block and of all', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3, H: 4, W: 4 });
  const inner = batchNorm(b, conv(b, x, 'stem/cb/conv', { out: 8 }), 'stem/cb/norm');
  const stem = b.op('relu', [inner], {}, 'stem/relu');
  const pooled = b.op('mean', [stem], { over: ['H', 'W'] }, 'pool');
  const y = linear(b, pooled, 'fc', 'C', 'K', 5);
  const graph = b.output('y', y).block('stem/cb', 'ConvBn', inner).block('stem', 'Stem', stem).build('Net');
  const [all, stemCost, cb, ...more] = cost(graph);
  expect(more).toEqual([]);
  const image = 8 * 16;
  const convolution = 2 * image * 27;
  expect(cb).toMatchObject({
    path: 'stem/cb',
    name: 'cb',
    depth: 2,
    block: 'ConvBn',
    parameters: 216 + 16,
    state: 16,
  });
  expect(cb).toMatchObject({ flops: convolution + 2 * image, activationBytes: 2 * image * 4 });
  expect(stemCost).toMatchObject({
    path: 'stem',
    name: 'stem',
    depth: 1,
    flops: convolution + 3 * image,
    activationBytes: 3 * image * 4,
  });
  expect(all).toMatchObject({ path: '', block: 'Net', parameters: 216 + 16 + 45, state: 16 });
  expect(all?.outputs.map(printType)).toEqual(['[N, K: 5]']);
  expect(all?.activationBytes).toBe((3 * image + 8 + 5 + 5) * 4);
  expect(cost(graph, () => 10)[2]?.flops).toBe(10 * (convolution + 2 * image));
});

test('calls that share an instance add up, their parameters do not', () => {
  const b = new GraphBuilder();
  const w = b.weight('f/w', { C: 3 });
  const once = b.op('mul', [b.input('x', { C: 3 }), w], {}, 'f');
  const twice = b.op('mul', [once, w], {}, 'f');
  const rows = cost(b.output('y', twice).block('f', 'F', once).block('f', 'F', twice).build());
  expect(rows[1]).toMatchObject({ path: 'f', parameters: 3, flops: 6, activationBytes: 24 });
});
