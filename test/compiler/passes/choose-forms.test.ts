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
const all16 = ['in-blocks16', 'in-blocks16', 'in-blocks16'];

test.each([
  ['of kernel 3', { from: 128, to: 32, size: 56, kernel: 3 }, all16],
  // By themselves, those of kernel 1 are not worth the way into blocks and out of them.
  ['of kernel 1', { from: 256, to: 128, size: 56, kernel: 1 }, [undefined, undefined, 'fused']],
  // Of 64 channels either side may be read in patches; beside 128 of the other, 32 in patches are the smaller side.
  [
    'of as many channels',
    { from: 64, to: 64, size: 56, kernel: 3 },
    ['in-blocks16', 'in-blocks16', 'columnwise'],
  ],
  // Neither side is much larger, so that one may slide over the other.
  [
    'of as many channels on smaller images',
    { from: 128, to: 128, size: 28, kernel: 3 },
    ['in-blocks16', 'in-blocks16', 'image-by-image16'],
  ],
  // 8 times 49 places are no whole number of blocks.
  ['of few places', { from: 512, to: 512, size: 7, kernel: 3 }, ['in-blocks16', 'in-blocks16', undefined]],
  [
    'of single channels',
    { from: 96, to: 96, size: 56, kernel: 3, groups: 96 },
    ['depthwise16', 'depthwise16', 'depthwise16'],
  ],
  [
    'of single channels at a stride',
    { from: 96, to: 96, size: 56, kernel: 5, stride: 2, groups: 96 },
    ['depthwise16', 'strided-depthwise16', 'depthwise16'],
  ],
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
    ['in-blocks16', 'strided-in-blocks16', 'in-blocks16'],
  ],
  [
    'in groups of whole blocks',
    { from: 128, to: 128, size: 56, kernel: 3, groups: 4 },
    ['in-blocks16', 'in-blocks16', undefined],
  ],
  ['in groups of less', { from: 128, to: 128, size: 56, kernel: 3, groups: 16 }, plain],
  ['of channels in no whole blocks', { from: 136, to: 40, size: 56, kernel: 3 }, plain],
])('a convolution %s', (_what, shape, expected) => {
  expect(formsOf(convolution(shape), 'blocked16')).toEqual(expected);
});

test.each([
  ['over images', 'sum', { N: 32, C: 128, T: 128 }, ['N'], 'as-product'],
  ['over images and steps', 'sum', { N: 4, T: 196, C: 768 }, ['N', 'T'], 'as-product'],
  ['over a whole tensor', 'sum', { N: 32, C: 128 }, ['N', 'C'], undefined],
  ['that saves less than a node takes', 'sum', { N: 2, C: 128 }, ['N'], undefined],
  ['over lines', 'mean', { N: 32, C: 128, H: 12, W: 12 }, ['H'], 'as-pool'],
  ['over lines', 'sum', { N: 32, C: 128, H: 3, W: 3 }, ['H'], 'as-pool'],
  ['over columns', 'mean', { N: 32, C: 128, H: 12, W: 12 }, ['W'], undefined],
  // For longer ones the pool is ten times slower.
  ['over many lines', 'mean', { N: 4, C: 64, H: 56, W: 56 }, ['H'], undefined],
  ['over axes that others lie between', 'sum', { N: 32, C: 128, H: 12, W: 12 }, ['N', 'H'], undefined],
])('a reduction %s: %s', (_what, op, axes: Readonly<Record<string, number>>, over, expected) => {
  const b = new GraphBuilder();
  const graph = layout(b.output('y', b.op(op, [b.input('x', axes)], { over })).build(), 'channels-first');
  expect(formsOf(graph, 'fused')).toEqual([expected]);
});

test('blocks of 8 take channels that blocks of 16 do not', () => {
  const graph = convolution({ from: 136, to: 40, size: 56, kernel: 3 });
  expect(formsOf(graph, 'blocked8')).toEqual(['in-blocks8', 'in-blocks8', 'image-by-image8']);
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

/** Twice a convolution of kernel 1 with what a batch norm comes to and a relu behind it. */
function chain(channels: number, { isReadBetween = false, pad = 0 } = {}): PhysicalGraph {
  const b = new GraphBuilder();
  const size = 56;
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(1 + 2 * pad), stride: constant(1), dilation: constant(1), before: constant(pad), after: constant(pad) })); // prettier-ignore
  const attributes = { from: 'C', to: 'C', windows, groups: constant(1) };
  let image = b.input('x', { N: 8, C: channels, H: size, W: size });
  for (const name of ['first', 'second']) {
    const weight = b.weight(name, {
      '.out': channels,
      '.in': channels,
      '.H': 1 + 2 * pad,
      '.W': 1 + 2 * pad,
    });
    const gain = b.weight(`${name}/gain`, { C: channels });
    const offset = b.weight(`${name}/offset`, { C: channels });
    const affine = { channel: 'C', terms: ['offset'], relu: true };
    image = b.op('channel_affine', [b.op('conv', [image, weight], attributes), gain, offset], affine);
    if (isReadBetween) b.output(`${name}/out`, image);
  }
  b.output('y', b.op('sum', [b.op('mul', [image, image], {})], { over: ['N', 'H', 'W'] }));
  return layout(b.build(), 'channels-first', { parameters: 'given' });
}

/** What a chosen graph does, node by node. */
function doneIn(graph: PhysicalGraph): readonly string[] {
  const chosen = chooseForms(graph, formSets.blocked16);
  expect(verifyPhysical(chosen)).toEqual([]);
  return chosen.nodes.map((node) => {
    if (node.kind === 'reorder') return `to ${node.to}`;
    return node.kind === 'op' ? `${node.op} ${node.form ?? 'plain'}` : node.kind;
  });
}

const step = ['conv in-blocks16', 'channel_affine in-blocks16'];

test('what lies between two convolutions stays in blocks, and a sum leaves nothing to move back', () => {
  const rest = ['mul in-blocks16', 'sum in-blocks16'];
  expect(doneIn(chain(256))).toEqual(['to blocks', ...step, ...step, ...rest]);
});

test('what is read both ways is moved once', () => {
  const done = doneIn(chain(128, { isReadBetween: true, pad: 1 }));
  expect(done.filter((what) => what === 'to blocks')).toHaveLength(1);
  // The two outputs, at the end.
  expect(done.filter((what) => what === 'to plain')).toHaveLength(2);
  expect(done.slice(-2)).toEqual(['to plain', 'to plain']);
});

test('channels in no whole blocks stay as they are', () => {
  expect(doneIn(chain(40)).filter((what) => what.startsWith('to '))).toEqual([]);
});

/** Between two convolutions of kernel 1: squeeze and excitation, by means and gates. */
test('gates, and the means that they are made of, leave images in blocks', () => {
  const b = new GraphBuilder();
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(1), stride: constant(1), dilation: constant(1), before: constant(0), after: constant(0) })); // prettier-ignore
  const attributes = { from: 'C', to: 'C', windows, groups: constant(1) };
  const weight = (name: string) => b.weight(name, { '.out': 256, '.in': 256, '.H': 1, '.W': 1 });
  const x = b.input('x', { N: 8, C: 256, H: 56, W: 56 });
  const wide = b.op('silu', [b.op('conv', [x, weight('first')], attributes)]);
  const gate = b.op('sigmoid', [b.op('mean', [wide], { over: ['H', 'W'] })]);
  const shifted = b.op('add', [b.op('mul', [wide, gate]), gate]);
  b.output('y', b.op('conv', [shifted, weight('second')], attributes));
  expect(doneIn(layout(b.build(), 'channels-first', { parameters: 'given' }))).toEqual([
    'to blocks',
    'conv in-blocks16',
    'silu in-blocks16',
    'mean in-blocks16',
    'sigmoid plain',
    'mul by-lane16',
    'add by-lane16',
    'conv in-blocks16',
    'to plain',
  ]);
});

test('operations on each element alone are not worth the way into blocks', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: 8, C: 64, H: 56, W: 56 });
  b.output('y', b.op('mul', [b.op('relu', [x], {}), x], {}));
  expect(doneIn(layout(b.build(), 'channels-first'))).toEqual(['relu plain', 'mul plain']);
});

test('a node that takes a tensor otherwise than it lies is a mistake', () => {
  const chosen = chooseForms(chain(256), formSets.blocked16);
  const [moving] = chosen.nodes;
  if (moving?.kind !== 'reorder') throw new Error('the image is not moved first');
  const plain = chosen.nodes.slice(1).map((node) => {
    if (node.kind !== 'op') return node;
    const inputs = node.inputs.map((value) => (value.id === moving.output.id ? moving.input : value));
    return { ...node, inputs };
  });
  expect(verifyPhysical({ ...chosen, nodes: plain })).toEqual([
    expect.stringContaining('does not lie in blocks and is read as if it did'),
  ]);
});
