import { expect, test } from 'vitest';
import { printPhysical } from '../../../src/compiler/ir/print-physical.ts';
import type { PhysicalGraph } from '../../../src/compiler/ir/physical.ts';
import { formSets, type FormSet } from '../../../src/compiler/lower/onnx/forms/registry.ts';
import { chooseForms } from '../../../src/compiler/passes/choose-forms.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import { verifyPhysical } from '../../../src/compiler/passes/verify-physical.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';

interface Convolution {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** A convolution with its gradients by x and by the weight, for a batch of 8. */
function convolution({ from, to, size, kernel, stride = 1, groups = 1 }: Convolution): PhysicalGraph {
  const b = new GraphBuilder();
  const pad = constant((kernel - 1) / 2);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(kernel), stride: constant(stride), dilation: constant(1), before: pad, after: pad })); // prettier-ignore
  const attributes = { from: 'C', to: 'C', windows, groups: constant(groups) };
  const sizes = ['H', 'W'].map((axis) => ({ axis, size: constant(size) }));
  const x = b.input('x', { N: 8, C: from, H: size, W: size });
  const weight = b.weight('weight', { '.out': to, '.in': from / groups, '.H': kernel, '.W': kernel });
  const g = b.input('g', { N: 8, C: to, H: size / stride, W: size / stride });
  b.output('y', b.op('conv', [x, weight], attributes));
  b.output('dx', b.op('conv_input_gradient', [g, weight], { ...attributes, sizes }));
  b.output('dw', b.op('conv_weight_gradient', [x, g], attributes));
  return layout(b.build(), 'channels-first', { parameters: 'given' });
}

/** The forms of the three, in their order. */
function formsOf(graph: PhysicalGraph, set: FormSet): readonly (string | undefined)[] {
  const chosen = chooseForms(graph, formSets[set]);
  expect(verifyPhysical(chosen)).toEqual([]);
  return chosen.nodes.flatMap((node) => (node.kind === 'op' ? [node.form] : []));
}

const plain = [undefined, undefined, undefined];

test.each([
  ['of kernel 3', { from: 128, to: 32, size: 56, kernel: 3 }, ['blocked16', 'blocked16', undefined]],
  ['of kernel 1', { from: 256, to: 128, size: 56, kernel: 1 }, [undefined, undefined, 'fused']],
  // Of 64 channels either side may be read in patches; beside 128 of the other, 32 in patches are the smaller side.
  [
    'of as many channels',
    { from: 64, to: 64, size: 56, kernel: 3 },
    ['blocked16', 'blocked16', 'columnwise'],
  ],
  // The weights are so many that the blocks cost more than they save; the mirrored ones have to be copied anyway.
  ['of few places', { from: 512, to: 512, size: 7, kernel: 3 }, [undefined, 'blocked16', undefined]],
  // Few channels go into no blocks, and are copied in lines; a gradient of an image is not what networks are made of.
  ['of an image', { from: 3, to: 64, size: 224, kernel: 7, stride: 2 }, ['direct16', undefined, 'linewise']],
  // What comes out of blocks is more than the arithmetic saves.
  [
    'of an image, by a small kernel',
    { from: 3, to: 64, size: 112, kernel: 3 },
    [undefined, undefined, undefined],
  ],
  [
    'at a stride',
    { from: 128, to: 128, size: 56, kernel: 3, stride: 2 },
    ['blocked16', undefined, undefined],
  ],
  ['in groups', { from: 128, to: 128, size: 56, kernel: 3, groups: 4 }, plain],
  ['of channels in no whole blocks', { from: 136, to: 40, size: 56, kernel: 3 }, plain],
])('a convolution %s', (_what, shape, expected) => {
  expect(formsOf(convolution(shape), 'blocked16')).toEqual(expected);
});

test('blocks of 8 take channels that blocks of 16 do not', () => {
  const graph = convolution({ from: 136, to: 40, size: 56, kernel: 3 });
  expect(formsOf(graph, 'blocked8')).toEqual(['blocked8', 'blocked8', undefined]);
});

test('what comes back through a pointwise convolution is added to what else does', () => {
  const b = new GraphBuilder();
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(1), stride: constant(1), dilation: constant(1), before: constant(0), after: constant(0) })); // prettier-ignore
  const sizes = ['H', 'W'].map((axis) => ({ axis, size: constant(56) }));
  const g = b.input('g', { N: 8, C: 64, H: 56, W: 56 });
  const weight = b.weight('weight', { '.out': 64, '.in': 256, '.H': 1, '.W': 1 });
  const other = b.input('other', { N: 8, C: 256, H: 56, W: 56 });
  const attributes = { from: 'C', to: 'C', windows, groups: constant(1), sizes };
  b.output('dx', b.op('conv_input_gradient', [g, weight, other], attributes));
  const graph = layout(b.build(), 'channels-first', { parameters: 'given' });
  expect(formsOf(graph, 'blocked16')).toEqual(['fused']);
  expect(formsOf(graph, 'plain')).toEqual([undefined]);
});

test('without any, every op keeps its own', () => {
  const graph = convolution({ from: 128, to: 32, size: 56, kernel: 3 });
  expect(chooseForms(graph, formSets.plain)).toBe(graph);
});

test('a printed graph says which was chosen', () => {
  const graph = convolution({ from: 256, to: 128, size: 56, kernel: 1 });
  expect(printPhysical(graph)).not.toContain('form');
  expect(printPhysical(chooseForms(graph, formSets.fused))).toMatch(/conv_weight_gradient\(.*form: fused/);
});

test('a batch whose size is known only when the graph runs is left as it is', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 32, H: 56, W: 56 });
  const weight = b.weight('weight', { '.out': 32, '.in': 32, '.H': 3, '.W': 3 });
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(3), stride: constant(1), dilation: constant(1), before: constant(1), after: constant(1) })); // prettier-ignore
  const y = b.op('conv', [x, weight], { from: 'C', to: 'C', windows, groups: constant(1) });
  const graph = layout(b.output('y', y).build(), 'channels-first', { parameters: 'given' });
  expect(formsOf(graph, 'blocked16')).toEqual([undefined]);
});
