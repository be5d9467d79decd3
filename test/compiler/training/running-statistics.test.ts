import { expect, test } from 'vitest';
import type { GraphValue } from '../../../src/compiler/ir/graph.ts';
import { centreBatchNorms } from '../../../src/compiler/training/centre-batch-norms.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { countOps, expectSameResults } from '../../support/rewriting.ts';

/** A layer of a network: which batch norm it calls, and the momentum of that. */
interface Call {
  readonly name: string;
  readonly momentum: number;
}

/** Batch norms one behind the other; one that is called again goes on from the statistics of the call before. */
function network(calls: readonly Call[]) {
  const b = new GraphBuilder();
  const statistics = new Map<string, GraphValue>();
  const running = (path: string): GraphValue => statistics.get(path) ?? b.state(path, { C: 3 });
  let x = b.input('x', { N: 4, C: 3, T: 5 });
  for (const { name, momentum } of calls) {
    const [mean, variance] = [`${name}/mean`, `${name}/variance`];
    const [weight, bias] = ['weight', 'bias'].map((part) => b.weight(`${name}${statistics.size}/${part}`, { C: 3 })); // prettier-ignore
    if (weight === undefined || bias === undefined) throw new Error('a batch norm has a weight and a bias');
    const attributes = { channel: 'C', eps: 1e-5, momentum };
    const inputs = [x, weight, bias, running(mean), running(variance)];
    const [y, newMean, newVariance] = b.ops('batch_norm_train', inputs, attributes);
    if (y === undefined || newMean === undefined || newVariance === undefined)
      throw new Error('a batch norm makes new statistics');
    statistics.set(mean, newMean).set(variance, newVariance);
    x = b.op('sigmoid', [y]);
  }
  for (const [path, value] of statistics) b.update(path, value);
  return b.output('y', x).build();
}

const blends = (calls: readonly Call[]): number | undefined => {
  const graph = network(calls);
  const centred = centreBatchNorms.run(graph);
  expectSameResults(graph, centred);
  // Each vector of statistics is cut again once.
  return countOps(centred)['cut'];
};

test('running statistics are blended together, whichever batch norms they are of', () => {
  expect(blends([{ name: 'a', momentum: 0.1 }])).toBe(1);
  expect(blends(['a', 'b', 'c', 'd'].map((name) => ({ name, momentum: 0.1 })))).toBe(1);
});

test('those of another momentum are not', () => {
  const calls = ['a', 'b', 'c', 'd'].map((name, i) => ({ name, momentum: i < 2 ? 0.1 : 0.25 }));
  expect(blends(calls)).toBe(2);
});

test('those that a second call goes on from are blended before it', () => {
  const calls = ['a', 'b', 'a'].map((name) => ({ name, momentum: 0.1 }));
  expect(blends(calls)).toBe(1);
});
