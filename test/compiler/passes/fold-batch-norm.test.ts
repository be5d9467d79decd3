import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { foldBatchNorm } from '../../../src/compiler/passes/fold-batch-norm.ts';
import { freeze, type Frozen } from '../../../src/compiler/passes/freeze.ts';
import { runPasses } from '../../../src/compiler/passes/pass.ts';
import { inferencePasses } from '../../../src/compiler/passes/pipelines.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { batchNorm, conv, linear } from '../../support/layers.ts';
import { randomWeights } from '../../support/random-values.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

/** Folds, holds that every step keeps the meaning, and freezes. */
function folded(graph: Graph): Frozen {
  expectSameResults(graph, foldBatchNorm.run(graph));
  const result = freeze(
    runPasses(graph, inferencePasses, { after: (_name, now) => expectSameResults(graph, now) }),
    randomWeights(graph),
  );
  expectSameResults(graph, result.graph, result.weights);
  return result;
}

const image = (b: GraphBuilder) => b.input('x', { N: b.dynamic('N'), C: 3, H: 5, W: 4 });

describe('into a convolution', () => {
  test.each([false, true])('with a bias: %s', (bias) => {
    const b = new GraphBuilder();
    const y = batchNorm(b, conv(b, image(b), 's/conv', { out: 6, bias }), 's/norm');
    const { graph, weights } = folded(
      b
        .output('y', b.op('relu', [y]))
        .block('s', 'ConvBn', y)
        .build(),
    );
    expect(countOps(graph)).toEqual({ conv: 1, relu: 1 });
    expect([...weights.keys()]).toEqual(['s/conv/weight/folded', 's/conv/bias/folded']);
    // The block's result is now the convolution's.
    expect(graph.blocks[0]?.values[0]).toBe(graph.nodes[0]?.outputs[0]);
  });

  test('that makes an axis of another name', () => {
    const b = new GraphBuilder();
    const y = batchNorm(b, conv(b, image(b), 'conv', { out: 6, to: 'K' }), 'norm', 'K');
    expect(countOps(folded(b.output('y', y).build()).graph)).toEqual({ conv: 1 });
  });

  test('but not along an axis that the convolution does not make', () => {
    const b = new GraphBuilder();
    const y = batchNorm(b, conv(b, image(b), 'conv', { out: 6 }), 'norm', 'W');
    expect(countOps(folded(b.output('y', y).build()).graph)).toEqual({ add: 1, conv: 1, mul: 1 });
  });

  test('but not while something else reads its result', () => {
    const b = new GraphBuilder();
    const x = conv(b, image(b), 'conv', { out: 6 });
    const graph = b
      .output('y', batchNorm(b, x, 'norm'))
      .output('raw', x)
      .build();
    expect(countOps(folded(graph).graph)).toEqual({ add: 1, conv: 1, mul: 1 });
  });

  test('a convolution and a norm that are shared keep one set of weights', () => {
    const b = new GraphBuilder();
    const [x, z] = [image(b), b.input('z', { C: 3, H: 5, W: 4 })];
    const first = conv(b, x, 'conv', { out: 6 });
    const y = batchNorm(b, first, 'norm');
    const both = b.build();
    const again = (input: typeof x) => {
      const [convolution, norm] = both.nodes;
      const made = b.op(
        'conv',
        [input, ...(convolution?.inputs.slice(1) ?? [])],
        convolution?.attributes,
        'conv',
      );
      return b.op('batch_norm', [made, ...(norm?.inputs.slice(1) ?? [])], norm?.attributes, 'norm');
    };
    const { graph, weights } = folded(b.output('y', y).output('z', again(z)).build());
    expect(countOps(graph)).toEqual({ conv: 2 });
    expect([...weights.keys()]).toEqual(['conv/weight/folded', 'conv/bias/folded']);
  });
});

describe('into a linear map', () => {
  test.each([
    ['C', 'K', true],
    ['C', 'K', false],
    ['C', 'C', true],
    ['C', 'C', false],
  ])('of %s to %s, with a bias: %s', (from, to, bias) => {
    const b = new GraphBuilder();
    const y = batchNorm(b, linear(b, image(b), 'fc', from, to, 6, bias), 'norm', to);
    const { graph, weights } = folded(b.output('y', y).build());
    expect(countOps(graph)).toEqual({ add: 1, contract: 1 });
    expect(weights.size).toBe(2);
    expect([...weights.keys()]).toEqual(['fc/weight/folded', 'fc/bias/folded']);
  });

  test('but not along an axis that it leaves alone', () => {
    const b = new GraphBuilder();
    const y = batchNorm(b, linear(b, image(b), 'fc', 'C', 'K', 6), 'norm', 'H');
    expect(countOps(folded(b.output('y', y).build()).graph)).toEqual({ add: 2, contract: 1, mul: 1 });
  });

  test('but not into a product of two tensors that are both computed', () => {
    const b = new GraphBuilder();
    const a = b.input('a', { N: b.dynamic('N'), C: 3, T: 2 });
    const product = b.op('contract', [a, b.input('b', { T: 2, K: 5 })], {
      over: [{ left: 'T', right: 'T' }],
    });
    const y = batchNorm(b, product, 'norm', 'K');
    expect(countOps(folded(b.output('y', y).build()).graph)).toEqual({ add: 1, contract: 1, mul: 1 });
  });
});

test('elsewhere it becomes a scale and a shift', () => {
  const b = new GraphBuilder();
  const y = batchNorm(b, image(b), 's/norm');
  const { graph, weights } = folded(
    b
      .output('y', b.op('relu', [y]))
      .block('s', 'Norm', y)
      .build(),
  );
  expect(countOps(graph)).toEqual({ add: 1, mul: 1, relu: 1 });
  expect([...weights.keys()]).toEqual(['s/norm/scale/folded', 's/norm/shift/folded']);
});
