import type { GraphValue } from '../../src/compiler/ir/graph.ts';
import { constant } from '../../src/compiler/shapes/size.ts';
import { GraphBuilder } from './graph-builder.ts';

export interface NormBeforeConvolution {
  /** Channels of the images that are normed side by side; one alone is not joined with others. */
  readonly pieces: readonly number[];
  readonly kernel: number;
  readonly stride: number;
  readonly size?: number;
}

export interface NormedImage {
  readonly b: GraphBuilder;
  readonly y: GraphValue;
  /** What comes back through the convolution alone. */
  readonly dy: GraphValue;
}

/**
 * The backward pass of a batch norm, its relu and a convolution, as a step has it: outputs are the gradients of the gain, the
 * offset and the weight.
 *
 * @param comesBack what comes back to y, where that is not only what the convolution sends
 */
export function normBeforeConvolution(
  { pieces, kernel, stride, size = 8 }: NormBeforeConvolution,
  comesBack: (image: NormedImage) => GraphValue = ({ dy }) => dy,
): GraphBuilder {
  const [N, K, C] = [3, 4, pieces.reduce((sum, channels) => sum + channels)];
  const [before, after] = [Math.floor((kernel - 1) / 2), Math.floor(kernel / 2)].map(constant);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(kernel), stride: constant(stride), dilation: constant(1), before, after })); // prettier-ignore
  const attributes = { from: 'C', to: 'K', windows, groups: constant(1) };
  const sizes = ['H', 'W'].map((axis) => ({ axis, size: constant(size) }));
  const b = new GraphBuilder();
  const join = (parts: readonly GraphValue[]): GraphValue => {
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : b.op('concat', parts, { axis: 'C' });
  };
  const centred = pieces.map((channels, i) =>
    b.ops('centre', [b.input(`x${i}`, { N, C: channels, H: size, W: size })], { channel: 'C' }),
  );
  const x = join(centred.flatMap(([, image]) => image ?? []));
  const variance = join(centred.flatMap(([, , of]) => of ?? []));
  const inverse = b.op('rsqrt', [b.op('add', [variance, b.number(1e-5)])]);
  const gain = b.op('mul', [b.input('gamma', { C }), inverse]);
  const affine = { channel: 'C', terms: ['offset'], relu: true };
  const y = b.op('channel_affine', [x, gain, b.input('beta', { C })], affine);
  const weight = b.input('weight', { '.out': K, '.in': C, '.H': kernel, '.W': kernel });
  b.output('out', b.op('conv', [y, weight], attributes));
  const made = Math.ceil(size / stride);
  const g = b.input('g', { N, K, H: made, W: made });
  b.output('dweight', b.op('conv_weight_gradient', [y, g], attributes));
  const dy = b.op('conv_input_gradient', [g, weight], { ...attributes, sizes });
  const dz = b.op('mul', [comesBack({ b, y, dy }), b.op('is_positive', [y])]);
  b.output('dgain', b.op('channel_dot', [dz, x], { channel: 'C' }));
  return b.output('doffset', b.op('sum', [dz], { over: ['N', 'H', 'W'] }));
}
