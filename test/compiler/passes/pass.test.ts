import { expect, test } from 'vitest';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { printGraph } from '../../../src/compiler/ir/print-graph.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { verifyPhysical } from '../../../src/compiler/passes/verify-physical.ts';
import { cost } from '../../../src/compiler/passes/cost.ts';
import { fixSizes } from '../../../src/compiler/passes/fix-sizes.ts';
import { freeze } from '../../../src/compiler/passes/freeze.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import { runPasses } from '../../../src/compiler/passes/pass.ts';
import { inferencePasses, trainingPasses } from '../../../src/compiler/passes/pipelines.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { batchNorm, conv } from '../../support/layers.ts';
import { randomWeights } from '../../support/random-values.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

/** Convolutions with batch norms and residual connections: five nodes each. */
function residual(layers: number): Graph {
  const b = new GraphBuilder();
  let x = b.input('x', { N: b.dynamic('N'), C: 2, H: 2, W: 2 });
  for (let i = 0; i < layers; i++) {
    const y = batchNorm(b, conv(b, x, `layer${i}/conv`, { out: 2, kernel: 1 }), `layer${i}/norm`);
    x = b.op(
      'mul',
      [b.op('add', [x, b.op('relu', [y], {}, `layer${i}`)], {}, `layer${i}`), b.number(1)],
      {},
      `layer${i}`,
    );
    b.block(`layer${i}`, 'Layer', x);
  }
  return b.output('y', x).build();
}

test('shows the graph after each pass, in order', () => {
  const seen: string[] = [];
  const graph = residual(2);
  const result = runPasses(graph, inferencePasses, {
    after: (name, now) => seen.push(`${name} ${now.nodes.length}`),
  });
  expect(seen).toEqual([
    'constant-folding 10',
    'fold-batch-norm 32',
    'pool-before-convolution 32',
    'common-subexpressions 30',
    'dead-code 27',
  ]);
  expect(result.blocks.every(({ values }) => values[0] !== undefined)).toBe(true);
  const frozen = freeze(result, randomWeights(graph));
  expect(countOps(frozen.graph)).toEqual({ add: 2, conv: 2, relu: 2 });
  expectSameResults(graph, frozen.graph, frozen.weights);
});

test('no pass changes its argument', () => {
  const graph = residual(2);
  const before = printGraph(graph);
  runPasses(graph, [...inferencePasses, ...trainingPasses]);
  expect(printGraph(graph)).toBe(before);
});

test('a fixed size takes the place of a dynamic one everywhere', () => {
  const b = new GraphBuilder();
  const n = b.dynamic('N');
  const x = b.input('x', { N: n, C: 2 });
  const graph = b.output('y', b.op('expand', [x], { over: [{ axis: 'M', size: n }] })).build();
  const fixed = fixSizes(graph, new Map(graph.dynamic.map((v) => [v, 3])));
  expect(fixed.dynamic).toEqual([]);
  expect(printGraph(fixed)).not.toContain('[N,');
  expectSameResults(graph, fixed);
  expect(fixSizes(graph, new Map())).toBe(graph);
});

test('a graph of 24,000 nodes goes through everything', () => {
  const graph = residual(4_000);
  expect(verifyGraph(graph)).toEqual([]);
  const frozen = freeze(runPasses(graph, inferencePasses), randomWeights(graph));
  expect(frozen.graph.nodes).toHaveLength(12_000);
  expect(verifyGraph(frozen.graph)).toEqual([]);
  const physical = layout(frozen.graph, 'channels-first');
  expect(verifyPhysical(physical)).toEqual([]);
  expect(cost(graph)).toHaveLength(4_001);
});
