import type { GraphValue } from '../../src/compiler/ir/graph.ts';
import { constantSize, findAxis } from '../../src/compiler/ir/tensor-type.ts';
import { constant } from '../../src/compiler/shapes/size.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** A convolution over H and W with `same` padding, from the axis C to `to`. */
export function conv(
  b: GraphBuilder,
  x: GraphValue,
  path: string,
  {
    to = 'C',
    out,
    kernel = 3,
    stride = 1,
    bias = false,
  }: { to?: string; out: number; kernel?: number; stride?: number; bias?: boolean },
): GraphValue {
  const weight = b.weight(`${path}/weight`, { '.out': out, '.in': constantSize(x.type, 'C') ?? 1, '.H': kernel, '.W': kernel }); // prettier-ignore
  const biases = bias ? [b.weight(`${path}/bias`, { '.out': out })] : [];
  const pad = constant((kernel - 1) / 2);
  const windows = ['H', 'W'].map((axis) => ({ axis, kernel: constant(kernel), stride: constant(stride), dilation: constant(1), before: pad, after: pad })); // prettier-ignore
  return b.op('conv', [x, weight, ...biases], { from: 'C', to, windows, groups: constant(1) }, path);
}

export function batchNorm(b: GraphBuilder, x: GraphValue, path: string, channel = 'C'): GraphValue {
  const size = findAxis(x.type, channel)?.size ?? constant(1);
  const weights = ['weight', 'bias'].map((name) => b.weight(`${path}/${name}`, { [channel]: size }));
  const state = ['running_mean', 'running_var'].map((name) =>
    b.state(`${path}/${name}`, { [channel]: size }),
  );
  return b.op('batch_norm', [x, ...weights, ...state], { channel, eps: 1e-3, momentum: 0.1 }, path);
}

export function linear(
  b: GraphBuilder,
  x: GraphValue,
  path: string,
  from: string,
  to: string,
  out: number,
  bias = true,
): GraphValue {
  const weight = b.weight(`${path}/weight`, { [to]: out, '.in': constantSize(x.type, from) ?? 1 });
  const product = b.op('contract', [x, weight], { over: [{ left: from, right: '.in' }] }, path);
  return bias ? b.op('add', [product, b.weight(`${path}/bias`, { [to]: out })], {}, path) : product;
}
