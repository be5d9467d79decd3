import { axisNames, type TensorType } from '../../../../ir/tensor-type.ts';
import type { AvgPoolGradientAttributes } from '../../../../ops/avg-pool-gradient.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { AvgPoolAttributes } from '../../../../ops/pool.ts';
import { numberOf, sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder, type Window } from '../../../../ops/window.ts';
import { constant } from '../../../../shapes/size.ts';
import { int, ints } from '../../emitter.ts';
import { NCHWC, type Block } from '../blocks.ts';
import { milliseconds } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockImage } from './block-image.ts';

/** Means of windows without padding. */
export function avgPoolInBlocks(block: Block): OnnxForm<AvgPoolAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'avg_pool',
    doc: `the blocked pool, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, { windows }) => {
      const areImages = [...inputs, ...outputs].every(({ type }) => blockImage(type, block) !== undefined);
      return areImages && areWhole(only(inputs).type, windows) ? 0 : undefined;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: [
      poolSample(2, 2, { H: 4, W: 6 }),
      poolSample(1, 2, { H: 5, W: 6 }),
      poolSample(3, 2, { H: 7, W: 6 }),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const inOrder = windowsInOrder(only(inputTypes), windows);
      const attributes = {
        kernel_shape: ints(inOrder.map(({ kernel }) => numberOf(kernel))),
        strides: ints(inOrder.map(({ stride }) => numberOf(stride))),
        pads: ints([0, 0, 0, 0]),
        count_include_pad: int(0),
      };
      return [e.node('AveragePool', inputs, { dims: sizesOf(only(outputTypes)) }, attributes, NCHWC)];
    },
  };
}

/** Where windows lie side by side, each place gets its share of the mean of the only one that it is in. */
export function avgPoolGradientInBlocks(block: Block): OnnxForm<AvgPoolGradientAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'avg_pool_gradient',
    doc: `shares repeated by the blocked resize, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, { windows }) => {
      const [g, x] = [only(inputs).type, only(outputs).type];
      const [small, large] = [blockImage(g, block), blockImage(x, block)];
      if (small === undefined || large === undefined || !areWhole(x, windows)) return undefined;
      const areBeside = windows.every(({ kernel, stride }) => kernel.value === stride.value);
      const count = windows.reduce((product, { kernel }) => product * numberOf(kernel), 1);
      return areBeside && large.points === count * small.points
        ? large.elements * milliseconds.passed
        : undefined;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: [poolSample(2, 2, { H: 4, W: 6 }), poolSample(3, 3, { H: 3, W: 6 })].map(
      ({ inputs, attributes }) => {
        const { axes } = only(inputs);
        const kernel = numberOf(attributes.windows[0]?.kernel ?? constant(1));
        const [n, c, h, w] = axes.map(({ size }) => size);
        const sizes = [
          { axis: 'H', size: constant(h ?? 1) },
          { axis: 'W', size: constant(w ?? 1) },
        ];
        const g = concrete({ N: n ?? 1, C: c ?? 1, H: (h ?? 1) / kernel, W: (w ?? 1) / kernel });
        return { inputs: [g], attributes: { ...attributes, sizes } };
      },
    ),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const kernels = windowsInOrder(only(inputTypes), windows).map(({ kernel }) => numberOf(kernel));
      const share = e.floats([1 / kernels.reduce((a, b) => a * b, 1)], []);
      const shares = e.node('Mul', [only(inputs), share], only(inputs));
      const attributes = { scales: ints([1, 1, ...kernels]) };
      return [e.node('Upsample', [shares], { dims: sizesOf(only(outputTypes)) }, attributes, NCHWC)];
    },
  };
}

/** Whether the windows are over the two axes behind the channel, and each of them is whole. */
function areWhole(x: TensorType, windows: readonly Window[]): boolean {
  const spatial = axisNames(x).slice(2);
  return (
    spatial.length === 2 &&
    spatial.every((axis) => windows.some((window) => window.axis === axis)) &&
    windows.every(
      ({ dilation, before, after, ceil, kernel, stride }) =>
        dilation.value === 1 &&
        before.value === 0 &&
        after.value === 0 &&
        ceil !== true &&
        kernel.value !== undefined &&
        stride.value !== undefined,
    )
  );
}

function poolSample(kernel: number, stride: number, { H, W }: Readonly<Record<'H' | 'W', number>>) {
  const windows = ['H', 'W'].map((axis) => ({
    axis,
    kernel: constant(kernel),
    stride: constant(stride),
    dilation: constant(1),
    before: constant(0),
    after: constant(0),
  }));
  return { inputs: [concrete({ N: 2, C: 32, H, W })], attributes: { windows, countPadding: false } };
}
