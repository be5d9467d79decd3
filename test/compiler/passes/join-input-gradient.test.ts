import { expect, test } from 'vitest';
import type { GraphValue } from '../../../src/compiler/ir/graph.ts';
import { joinInputGradient } from '../../../src/compiler/passes/join-input-gradient.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { expectSameResults } from '../../support/rewriting.ts';

/** What comes back to an image [N, C, H, W] through a convolution to K channels. */
function gradient(b: GraphBuilder, name: string, { kernel = 1, size = 5 } = {}): GraphValue {
  const pad = constant((kernel - 1) / 2);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(kernel), stride: constant(1), dilation: constant(1), before: pad, after: pad })); // prettier-ignore
  const sizes = ['H', 'W'].map((axis) => ({ axis, size: constant(size) }));
  const g = b.input(`${name}.g`, { N: 2, K: 3, H: size, W: size });
  const weight = b.weight(`${name}.weight`, { '.out': 3, '.in': 4, '.H': kernel, '.W': kernel });
  const attributes = { from: 'C', to: 'K', windows, groups: constant(1), sizes };
  return b.op('conv_input_gradient', [g, weight], attributes);
}

const image = (b: GraphBuilder, name: string, axes = { N: 2, C: 4, H: 5, W: 5 }): GraphValue =>
  b.input(name, axes);

/** The ops after the pass and how many values each reads; it must have kept the meaning. */
function after(b: GraphBuilder): readonly string[] {
  const graph = b.build();
  const result = joinInputGradient.run(graph);
  expectSameResults(graph, result);
  return result.nodes.map(({ op, inputs }) => `${op} ${inputs.length}`);
}

test.each([false, true])('what else comes back is added while it is made, as the second: %s', (second) => {
  const b = new GraphBuilder();
  const [through, other] = [gradient(b, 'a'), b.op('neg', [image(b, 'x')])];
  b.output('dx', b.op('add', second ? [other, through] : [through, other]));
  expect(after(b)).toEqual(['neg 1', 'conv_input_gradient 3']);
});

test('of two convolutions one adds to the other, and a third to both', () => {
  const b = new GraphBuilder();
  const both = b.op('add', [gradient(b, 'a'), gradient(b, 'b')]);
  b.output('dx', b.op('add', [both, gradient(b, 'c')]));
  expect(after(b)).toEqual(['conv_input_gradient 2', 'conv_input_gradient 3', 'conv_input_gradient 3']);
});

test('but not with a kernel that sees its neighbours', () => {
  const b = new GraphBuilder();
  b.output('dx', b.op('add', [gradient(b, 'a', { kernel: 3 }), image(b, 'x')]));
  expect(after(b)).toEqual(['conv_input_gradient 2', 'add 2']);
});

test('but not what is spread, or lies in another order', () => {
  for (const axes of [{ C: 4 }, { C: 4, N: 2, H: 5, W: 5 }]) {
    const b = new GraphBuilder();
    b.output('dx', b.op('add', [gradient(b, 'a'), b.input('x', axes)]));
    expect(after(b)).toEqual(['conv_input_gradient 2', 'add 2']);
  }
});

test('but not while something else reads it', () => {
  const b = new GraphBuilder();
  const through = gradient(b, 'a');
  b.output('dx', b.op('add', [through, image(b, 'x')])).output('own', through);
  expect(after(b)).toEqual(['conv_input_gradient 2', 'add 2']);
});
