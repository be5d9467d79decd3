import { expect, test } from 'vitest';
import { printGraph } from '../../../src/compiler/ir/print-graph.ts';
import { printPhysical } from '../../../src/compiler/ir/print-physical.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';

test('prints values by position, with types and paths', () => {
  const b = new GraphBuilder();
  const n = b.dynamic('N');
  b.op('constant', [], { value: 7 });
  const x = b.input('image', { N: n, C: 3 });
  const scaled = b.op('mul', [x, b.weight('s/weight', { C: 3 })], {}, 's');
  const y = b.op('clamp', [scaled], { min: 0, max: undefined }, 's/bound');
  const graph = b.output('y', y, ['a', 'b', 'c']).update('s/mean', y).block('s', 'Scale', y).build('Net');
  expect(
    printGraph({
      ...graph,
      blocks: graph.blocks.flatMap((block) => [block, { ...block, path: 't', values: [undefined] }]),
    }),
  ).toBe(
    `graph Net(image: [N, C: 3]) dynamic N
  weight %1 s/weight: [C: 3] = zeros
  %2 = constant() value: 7 : []   // constant
  %3 = mul(image, %1) : [N, C: 3]   // s
  %4 = clamp(%3) min: 0 : [N, C: 3]   // s/bound
  output y = %4 : [N, C: 3] labels 3
  update s/mean = %4
  block s: Scale = %4
  block t: Scale = gone
`,
  );
});

test('prints a physical graph with its transposes', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { H: 2, N: b.dynamic('N') });
  const y = b.op('relu', [b.op('mul', [x, b.weight('w', { H: 2 })])], {}, 'act');
  const output = { ...y, type: { ...y.type, axes: y.type.axes.toReversed() } };
  expect(printPhysical(layout(b.output('y', output).build('Net'), 'channels-first'))).toBe(
    `graph Net(x: [H: 2, N]) dynamic N
  weight %1 w: [H: 2] = zeros
  %2 = mul(x, %1) : [H: 2, N]   // mul
  %3 = relu(%2) : [H: 2, N]   // act
  %4 = transpose(%3) order: [N, H] : [N, H: 2]   // y
  output y = %4 : [N, H: 2]
`,
  );
});
