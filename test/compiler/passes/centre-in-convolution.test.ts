import { expect, test } from 'vitest';
import { centreInConvolution } from '../../../src/compiler/passes/centre-in-convolution.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

interface Convolution {
  readonly from?: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly isReadElsewhere?: boolean;
}

/** The ops after the pass, of a convolution to 4 channels K that are centred; it must have kept the meaning. */
function after(given: Convolution = {}): readonly string[] {
  const { from = 3, kernel = 1, stride = 1, groups = 1, bias = false, isReadElsewhere = false } = given;
  const b = new GraphBuilder();
  const pad = constant((kernel - 1) / 2);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(kernel), stride: constant(stride), dilation: constant(1), before: pad, after: pad })); // prettier-ignore
  const x = b.input('x', { N: 2, C: from, H: 5, W: 4 });
  const weight = b.weight('weight', { '.out': 4, '.in': from / groups, '.H': kernel, '.W': kernel });
  const inputs = bias ? [x, weight, b.weight('bias', { '.out': 4 })] : [x, weight];
  const y = b.op('conv', inputs, { from: 'C', to: 'K', windows, groups: constant(groups) });
  b.ops('centre', [y], { channel: 'K' }).forEach((value, i) => b.output(`centred.${i}`, value));
  if (isReadElsewhere) b.output('y', y);
  const graph = b.build();
  const result = centreInConvolution.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op }) => op);
}

const untouched = ['conv', 'centre'];

test.each([false, true])('the mean is taken off as a bias, with one there before: %s', (bias) => {
  const ops = after({ bias });
  expect(ops).not.toContain('centre');
  expect(ops.filter((op) => op === 'conv')).toHaveLength(1);
});

test.each<[string, Convolution]>([
  ['a kernel that sees the padding', { kernel: 3 }],
  ['a stride', { stride: 2 }],
  ['groups', { from: 4, groups: 2 }],
  ['so many channels that their means are more work', { from: 12 }],
  ['another reader of what it makes', { isReadElsewhere: true }],
])('but not with %s', (_what, given) => {
  expect(after(given)).toEqual(untouched);
});
