import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTrain, useWasm } from '../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';

// The oracle of a forward pass is the stock CPU backend; that of a gradient is the forward pass, too: a function that
// is linear in an operand has f(x + v) - f(x - v) = 2 <df/dx, v> exactly, any other is differentiated in float64.

/** Largest error relative to the largest expected value; float32 sums of up to some thousand terms. */
const TOLERANCE = 2e-5;

type Values = { readonly shape: readonly number[]; readonly data: Float32Array };
type Operation = (...operands: tf.Tensor[]) => tf.Tensor;

beforeAll(async () => {
  expect(await useWasm()).toBe(true);
});

/** Reproducible values in [-1, 1]. */
function values(shape: readonly number[], seed: number): Values {
  let state = (seed * 2654435761) >>> 0;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
  return { shape, data };
}

const tensorOf = ({ shape, data }: Values): tf.Tensor => tf.tensor(data, [...shape]);
const valuesOf = (tensor: tf.Tensor): Values => ({
  shape: tensor.shape,
  data: Float32Array.from(tensor.dataSync()),
});

/** Runs a function that returns plain arrays on a backend, and sees that it leaves no tensors behind. */
async function on<T>(backend: 'wasm' | 'cpu', run: () => T): Promise<T> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  tf.engine().startScope();
  const result = run();
  tf.engine().endScope();
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

function expectClose(actual: Values, expected: Values, tolerance = TOLERANCE, what = ''): void {
  expect(actual.shape, what).toEqual(expected.shape);
  let [error, scale] = [0, 1e-6];
  expected.data.forEach((value, index) => {
    error = Math.max(error, Math.abs(value - (actual.data[index] ?? NaN)));
    scale = Math.max(scale, Math.abs(value));
    if (Number.isNaN(actual.data[index]) !== Number.isNaN(value)) error = Infinity;
  });
  expect(error / scale, what).toBeLessThanOrEqual(tolerance);
}

const forward = (operation: Operation, operands: readonly Values[]): Values =>
  valuesOf(operation(...operands.map(tensorOf)));

/** Gradients of <operation(...), dy> for all operands. */
function backward(operation: Operation, operands: readonly Values[], dy: Values): Values[] {
  const weighted = (...tensors: tf.Tensor[]): tf.Tensor =>
    tf.sum(tf.mul(operation(...tensors), tensorOf(dy)));
  return tf.grads(weighted)(operands.map(tensorOf)).map(valuesOf);
}

const dot = (a: Values, b: Values): number =>
  a.data.reduce((sum, value, i) => sum + value * (b.data[i] ?? 0), 0);
const moved = (x: Values, v: Values, factor: number): Values => ({
  shape: x.shape,
  data: x.data.map((value, i) => value + factor * (v.data[i] ?? 0)),
});

/** The forward pass against CPU's, and the gradients of an operation that is linear in each operand. */
async function checkLinear(operation: Operation, operands: readonly Values[], what: string): Promise<void> {
  const expected = await on('cpu', () => forward(operation, operands));
  expectClose(await on('wasm', () => forward(operation, operands)), expected, TOLERANCE, `${what}: forward`);
  const dy = values(expected.shape, 77);
  for (const backend of ['wasm', 'cpu'] as const) {
    const gradients = await on(backend, () => backward(operation, operands, dy));
    for (const [index, gradient] of gradients.entries()) {
      const operand = operands[index] as Values;
      expect(gradient.shape).toEqual(operand.shape);
      for (let trial = 0; trial < 4; trial++) {
        const direction = values(operand.shape, 1000 + trial);
        const [ahead, behind] = await on('cpu', () =>
          [1, -1].map((sign) =>
            dot(dy, forward(operation, operands.with(index, moved(operand, direction, sign)))),
          ),
        );
        const slope = ((ahead ?? NaN) - (behind ?? NaN)) / 2;
        const scale = Math.sqrt(dot(gradient, gradient) * dot(direction, direction)) + 1e-6;
        const error = Math.abs(dot(gradient, direction) - slope) / scale;
        expect(error, `${what}: ${backend}, operand ${index}`).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  }
}

type Pads = number | 'same' | 'valid' | [number, number][];
const around = (top: number, bottom: number, left: number, right: number): Pads => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

describe('convolutions over three axes', () => {
  const cases: readonly [
    string,
    readonly number[],
    readonly number[],
    [number, number, number],
    'same' | 'valid',
  ][] = [
    ['3x3x3', [2, 4, 5, 4, 3], [3, 3, 3, 3, 4], [1, 1, 1], 'valid'],
    ['padded', [1, 3, 4, 5, 2], [3, 1, 2, 2, 3], [1, 1, 1], 'same'],
    ['with strides', [2, 5, 6, 4, 2], [2, 3, 1, 2, 2], [2, 2, 3], 'valid'],
    ['padded, with strides', [1, 4, 5, 7, 2], [3, 3, 3, 2, 3], [2, 3, 2], 'same'],
    ['one place', [1, 1, 1, 1, 3], [1, 1, 1, 3, 2], [2, 2, 2], 'valid'],
  ];
  it.each(cases)('%s', async (what, x, filter, strides, pad) => {
    const convolve: Operation = (image, kernel) =>
      tf.conv3d(image as tf.Tensor5D, kernel as tf.Tensor5D, strides, pad);
    await checkLinear(convolve, [values(x, 1), values(filter, 2)], what);
  });
});

describe('convolutions', () => {
  const cases: readonly [
    string,
    readonly number[],
    readonly number[],
    [number, number],
    Pads,
    [number, number],
  ][] = [
    ['1x1', [2, 5, 4, 8], [1, 1, 8, 16], [1, 1], 'valid', [1, 1]],
    ['1x1, odd channels', [3, 4, 5, 7], [1, 1, 7, 3], [1, 1], 0, [1, 1]],
    ['1x1, stride 2', [2, 6, 5, 6], [1, 1, 6, 9], [2, 2], 'valid', [1, 1]],
    ['3x3, same', [2, 7, 6, 5], [3, 3, 5, 10], [1, 1], around(1, 1, 1, 1), [1, 1]],
    ['3x3, one channel', [1, 6, 6, 1], [3, 3, 1, 1], [1, 1], 'same', [1, 1]],
    ['3x3, stride 2, same', [2, 8, 9, 4], [3, 3, 4, 8], [2, 2], 'same', [1, 1]],
    ['3x3, stride 2, window past the last row', [1, 8, 8, 3], [3, 3, 3, 5], [2, 2], 'valid', [1, 1]],
    ['7x7, stride 2, as a stem', [2, 17, 18, 3], [7, 7, 3, 12], [2, 2], around(3, 3, 3, 3), [1, 1]],
    ['2x5, strides 3 and 1, uneven pads', [1, 10, 9, 6], [2, 5, 6, 11], [3, 1], around(1, 0, 3, 1), [1, 1]],
    ['more rows than a chunk', [2, 24, 24, 9], [3, 3, 9, 6], [1, 1], 'same', [1, 1]],
    ['dilation 2', [2, 9, 8, 5], [3, 3, 5, 8], [1, 1], 'same', [2, 2]],
    ['dilations 3 and 1, uneven pads', [1, 11, 8, 4], [3, 2, 4, 6], [1, 1], around(2, 1, 0, 1), [3, 1]],
  ];

  it.each(cases)('conv2d: %s', async (name, image, filter, strides, pad, dilations) => {
    const operation: Operation = (x, w) =>
      tf.conv2d(
        x as tf.Tensor4D,
        w as tf.Tensor4D,
        strides,
        pad as never,
        'NHWC',
        dilations,
        typeof pad === 'string' ? undefined : 'floor',
      );
    await checkLinear(operation, [values(image, 1), values(filter, 2)], name);
  });

  const depthwise: readonly [
    string,
    readonly number[],
    readonly number[],
    [number, number],
    Pads,
    [number, number],
  ][] = [
    ['3x3', [2, 6, 7, 8], [3, 3, 8, 1], [1, 1], 'same', [1, 1]],
    ['odd channels, stride 2', [2, 9, 8, 7], [3, 3, 7, 1], [2, 2], around(1, 1, 1, 1), [1, 1]],
    ['two outputs per channel', [1, 6, 6, 5], [3, 2, 5, 2], [1, 1], 'valid', [1, 1]],
    ['dilation 2', [1, 9, 9, 6], [3, 3, 6, 1], [1, 1], 'same', [2, 2]],
    ['dilation 2, two outputs', [1, 8, 9, 3], [3, 3, 3, 2], [1, 1], 'valid', [2, 2]],
  ];

  it.each(depthwise)('depthwiseConv2d: %s', async (name, image, filter, strides, pad, dilations) => {
    const operation: Operation = (x, w) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad as never, 'NHWC', dilations);
    await checkLinear(operation, [values(image, 3), values(filter, 4)], name);
  });

  it.each([1, 2])('conv2dTranspose, stride %i', async (stride) => {
    const operation: Operation = (x, w) =>
      tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 5 * stride, 4 * stride, 6], stride, 'same');
    await checkLinear(operation, [values([2, 5, 4, 7], 5), values([3, 3, 6, 7], 6)], 'conv2dTranspose');
  });
});

describe('matrix products', () => {
  const shapes: readonly [readonly number[], readonly number[]][] = [
    [
      [5, 7],
      [7, 9],
    ],
    [
      [1, 3],
      [3, 1],
    ],
    [
      [600, 6],
      [6, 12],
    ],
    [
      [3, 4, 6],
      [3, 6, 10],
    ],
    [
      [2, 3, 5, 4],
      [2, 3, 4, 8],
    ],
    [
      [3, 4, 6],
      [1, 6, 10],
    ],
  ];
  const swap = (shape: readonly number[]): number[] => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];

  it.each(shapes)('matMul %j x %j, transposed or not', async (a, b) => {
    for (const ta of [false, true]) {
      for (const tb of [false, true]) {
        const operation: Operation = (x, y) => tf.matMul(x, y, ta, tb);
        await checkLinear(
          operation,
          [values(ta ? swap(a) : a, 7), values(tb ? swap(b) : b, 8)],
          `transposed: ${ta}, ${tb}`,
        );
      }
    }
  });
});

describe('linear operations of one operand', () => {
  const nowhere: [number, number] = [0, 0];
  const operations: readonly [string, readonly number[], Operation][] = [
    [
      'pad, eight axes',
      [2, 1, 3, 2, 2, 3, 2, 2],
      (x) => tf.pad(x, [nowhere, nowhere, [1, 0], nowhere, nowhere, [0, 2], nowhere, nowhere]),
    ],
    [
      'pad, seven axes, all of them',
      [2, 1, 2, 1, 2, 1, 2],
      (x) => tf.pad(x, [[1, 0], [0, 1], [1, 1], [0, 1], [1, 0], [0, 1], [2, 0]]), // prettier-ignore
    ],
    ['sum to a scalar', [3, 4, 5], (x) => tf.sum(x)],
    ['sum over leading axes', [3, 4, 5, 6], (x) => tf.sum(x, [0, 1, 2])],
    ['sum over middle axes, kept', [3, 4, 5, 6], (x) => tf.sum(x, [1, 2], true)],
    ['sum over the last axis', [3, 4, 6], (x) => tf.sum(x, -1)],
    ['sum over outer axes', [3, 4, 6], (x) => tf.sum(x, [0, 2])],
    ['mean over H and W', [2, 5, 7, 9], (x) => tf.mean(x, [1, 2])],
    ['mean over channels', [2, 5, 7, 9], (x) => tf.mean(x, 3, true)],
    ['mean to a scalar', [7], (x) => tf.mean(x)],
    ['sum of many rows', [5000, 5], (x) => tf.sum(x, 0)],
    ['avgPool', [2, 6, 8, 5], (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')],
    ['avgPool, padded', [2, 7, 8, 5], (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same')],
    ['avgPool, explicit pads', [1, 7, 6, 4], (x) => tf.avgPool(x as tf.Tensor4D, 3, 1, 1, 'floor')],
    [
      'pad',
      [2, 3, 4, 5],
      (x) =>
        tf.pad(
          x,
          [
            [0, 0],
            [1, 2],
            [0, 1],
            [3, 0],
          ],
          0,
        ),
    ],
    ['slice', [3, 5, 6, 7], (x) => tf.slice(x, [1, 0, 2, 1], [2, 5, 3, 4])],
    ['slice of channels', [3, 5, 6, 7], (x) => tf.slice(x, [0, 0, 0, 2], [3, 5, 6, 3])],
    ['slice of a vector', [9], (x) => tf.slice(x, 2, 5)],
    ['concat with itself', [3, 4, 5], (x) => tf.concat([x, tf.mul(x, 2), x], 1)],
    ['concat of channels', [3, 4, 5], (x) => tf.concat([x, tf.mul(x, 2)], -1)],
    [
      'split',
      [3, 4, 8],
      (x) => {
        const [a, b, c] = tf.split(x, [1, 3, 4], 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
        return tf.concat([b, tf.mul(a, 3), c], 2);
      },
    ],
    ['split, one part unused', [6, 4], (x) => tf.split(x, 3, 0)[1] as tf.Tensor],
    ['stack', [3, 4], (x) => tf.stack([x, tf.mul(x, -2)], 1)],
    [
      'unstack',
      [3, 4, 2],
      (x) => {
        const parts = tf.unstack(x, 1);
        return tf.add(parts[0] as tf.Tensor, tf.mul(parts[3] as tf.Tensor, 5));
      },
    ],
    ['gather', [5, 4, 3], (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32'), 1 - 1)],
    [
      'gather along a middle axis',
      [2, 5, 3],
      (x) =>
        tf.gather(
          x,
          tf.tensor2d(
            [
              [4, 0],
              [4, 1],
            ],
            [2, 2],
            'int32',
          ),
          1,
        ),
    ],
    [
      'gather per batch',
      [2, 5, 3],
      (x) =>
        tf.gather(
          x,
          tf.tensor2d(
            [
              [4, 0, 4],
              [1, 1, 2],
            ],
            [2, 3],
            'int32',
          ),
          1,
          1,
        ),
    ],
    ['tile', [2, 3, 1], (x) => tf.tile(x, [2, 1, 4])],
    ['broadcastTo', [3, 1, 4], (x) => tf.broadcastTo(x, [2, 3, 5, 4])],
    ...[
      [0, 1, 2, 3],
      [0, 1, 3, 2],
      [0, 2, 1, 3],
      [0, 2, 3, 1],
      [0, 3, 1, 2],
      [1, 0, 2, 3],
      [2, 3, 0, 1],
      [3, 2, 1, 0],
      [3, 1, 0, 2],
    ].flatMap((order) =>
      [
        [2, 3, 4, 5],
        [2, 1, 4, 3],
        [1, 5, 1, 3],
      ].map((shape): [string, readonly number[], Operation] => [
        `transpose [${order.join(', ')}] of [${shape.join(', ')}]`,
        shape,
        (x) => tf.transpose(x, order),
      ]),
    ),
    ['reshape', [2, 3, 4], (x) => tf.reshape(x, [6, 4])],
    ['expandDims and squeeze', [2, 3], (x) => tf.mul(tf.squeeze(tf.expandDims(x, 1), [1]), 2)],
    ['reverse', [4, 5], (x) => tf.reverse(x, 1)],
    ['cumsum', [3, 6], (x) => tf.cumsum(x, 1, true)],
    ['cast and clone', [3, 6], (x) => tf.cast(tf.clone(x), 'float32')],
    [
      'where',
      [3, 6],
      (x) =>
        tf.where(
          tf.tensor2d(
            [...Array(18).keys()].map((i) => i % 3),
            [3, 6],
            'bool',
          ),
          x,
          tf.mul(x, 3),
        ),
    ],
    ...(
      [
        ['bilinear', tf.image.resizeBilinear],
        ['nearest', tf.image.resizeNearestNeighbor],
      ] as const
    ).flatMap(([kind, resize]) =>
      (
        [
          [9, 11],
          [3, 2],
          [5, 1],
        ] as const
      ).flatMap((size) =>
        (
          [
            [false, false],
            [true, false],
            [false, true],
          ] as const
        ).map(([corners, half]): [string, readonly number[], Operation] => [
          `resize, ${kind}, to ${size.join(' x ')}, ${corners ? 'corners' : half ? 'half-pixel' : 'origin'}`,
          [2, 5, 6, 3],
          (x) => resize(x as tf.Tensor4D, [...size], corners, half),
        ]),
      ),
    ),
  ];

  it.each(operations)('%s', async (name, shape, operation) => {
    await checkLinear(operation, [values(shape, 9)], name);
  });
});

describe('two operands, broadcast', () => {
  const shapes: readonly [readonly number[], readonly number[]][] = [
    [
      [3, 4, 5],
      [3, 4, 5],
    ],
    [[2, 3, 4, 5], [5]],
    [[5], [2, 3, 4, 5]],
    [
      [2, 3, 4, 5],
      [2, 1, 1, 5],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 4, 1],
    ],
    [
      [2, 3, 4, 5],
      [1, 3, 1, 5],
    ],
    [
      [2, 3, 1, 5],
      [2, 1, 4, 5],
    ],
    [[4, 6], []],
    [[], [4, 6]],
    [[1, 7], [1]],
    // The library of the stock kernels knows six axes.
    [
      [2, 1, 3, 2, 2, 3, 2, 2],
      [2, 1, 3, 2, 2, 3, 2, 2],
    ],
    [
      [2, 1, 3, 2, 2, 3, 2, 2],
      [2, 2],
    ],
    [[2, 1, 3, 1, 2, 1, 1], []],
    [
      [3, 1, 2, 1, 1, 1],
      [2, 1, 3, 2, 2, 3, 2, 2],
    ],
    [
      [2, 3, 2, 3, 2, 3, 2],
      [2, 1, 2, 1, 2, 1, 2],
    ],
    [
      [1, 3, 2, 1, 2, 3, 2],
      [2, 1, 2, 3, 1, 3, 1],
    ],
  ];

  it.each(shapes)('%j and %j', async (a, b) => {
    await checkLinear(tf.add, [values(a, 10), values(b, 11)], 'add');
    await checkLinear(tf.sub, [values(a, 10), values(b, 11)], 'sub');
    await checkLinear(tf.mul, [values(a, 10), values(b, 11)], 'mul');
    const away = (x: Values): Values => ({ shape: x.shape, data: x.data.map((value) => value + 2) });
    const operands = [values(a, 10), away(values(b, 11))];
    const others: Record<string, Operation> = {
      div: tf.div,
      maximum: tf.maximum,
      minimum: tf.minimum,
      squaredDifference: tf.squaredDifference,
    };
    for (const [name, operation] of Object.entries(others)) {
      const expected = await on('cpu', () => forward(operation, operands));
      expectClose(await on('wasm', () => forward(operation, operands)), expected, TOLERANCE, name);
      const dy = values(expected.shape, 12);
      const [cpu, wasm] = [
        await on('cpu', () => backward(operation, operands, dy)),
        await on('wasm', () => backward(operation, operands, dy)),
      ];
      cpu.forEach((gradient, i) =>
        expectClose(wasm[i] as Values, gradient, TOLERANCE, `${name}, operand ${i}`),
      );
    }
  });
});

describe('elementwise functions', () => {
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
  const [scale, alpha] = [1.0507009873554805, 1.6732632423543772];
  /** Abramowitz and Stegun 7.1.26 is what backends use; the series is exact enough to differentiate. */
  const erf = (x: number): number => {
    let [term, sum] = [x, x];
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  const functions: readonly [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number, number?][] = [
    ['abs', tf.abs, Math.abs],
    ['clipByValue', (x) => tf.clipByValue(x, -0.5, 1), (x) => Math.min(1, Math.max(-0.5, x))],
    ['cos', tf.cos, Math.cos],
    ['elu', tf.elu, (x) => (x > 0 ? x : Math.expm1(x))],
    ['erf', tf.erf, erf],
    ['exp', tf.exp, Math.exp],
    ['expm1', tf.expm1, Math.expm1],
    ['leakyRelu', (x) => tf.leakyRelu(x, 0.2), (x) => (x > 0 ? x : 0.2 * x)],
    ['log', tf.log, Math.log, 3],
    ['log1p', tf.log1p, Math.log1p, 3],
    ['logSigmoid', tf.logSigmoid, (x) => -Math.log1p(Math.exp(-x))],
    ['neg', tf.neg, (x) => -x],
    ['pow', (x) => tf.pow(x, 2.5), (x) => x ** 2.5, 3],
    ['power of a constant', (x) => tf.pow(1.7, x), (x) => 1.7 ** x],
    ['prelu', (x) => tf.prelu(x, tf.scalar(0.3)), (x) => (x > 0 ? x : 0.3 * x)],
    ['reciprocal', tf.reciprocal, (x) => 1 / x, 3],
    ['relu', tf.relu, (x) => Math.max(0, x)],
    ['relu6', (x) => tf.relu6(tf.mul(x, 4)), (x) => Math.min(6, Math.max(0, 4 * x))],
    ['rsqrt', tf.rsqrt, (x) => 1 / Math.sqrt(x), 3],
    ['selu', tf.selu, (x) => scale * (x > 0 ? x : alpha * Math.expm1(x))],
    ['sigmoid', tf.sigmoid, logistic],
    ['sin', tf.sin, Math.sin],
    ['softplus', tf.softplus, (x) => Math.log1p(Math.exp(x))],
    ['sqrt', tf.sqrt, Math.sqrt, 3],
    ['square', tf.square, (x) => x * x],
    ['tan', (x) => tf.tan(tf.mul(x, 0.5)), (x) => Math.tan(x / 2)],
    ['tanh', tf.tanh, Math.tanh],
  ];

  it.each(functions)('%s', async (name, operation, reference, shift = 0) => {
    const x: Values = { shape: [7, 5], data: values([7, 5], 13).data.map((value) => value * 2 + shift) };
    const dy = values([7, 5], 14);
    const step = 1e-5;
    const expected: Values = {
      shape: x.shape,
      data: x.data.map(
        (at, i) => ((reference(at + step) - reference(at - step)) / (2 * step)) * (dy.data[i] ?? 0),
      ),
    };
    for (const backend of ['wasm', 'cpu'] as const) {
      const [gradient] = await on(backend, () => backward(operation, [x], dy));
      expectClose(gradient as Values, expected, TOLERANCE, `${name} on ${backend}`);
    }
  });

  it('kinks are those of PyTorch', async () => {
    const slope = async (operation: Operation, at: number): Promise<number | undefined> =>
      (
        await on('wasm', () =>
          backward(operation, [{ shape: [1], data: Float32Array.of(at) }], {
            shape: [1],
            data: Float32Array.of(1),
          }),
        )
      )[0]?.data[0];
    expect(await slope(tf.relu, 0)).toBe(0);
    expect(await slope(tf.relu6, 0)).toBe(0);
    expect(await slope(tf.relu6, 6)).toBe(0);
    expect(await slope(tf.abs, 0)).toBe(0);
    expect(await slope((x) => tf.leakyRelu(x, 0.25), 0)).toBe(0.25);
    expect(await slope((x) => tf.clipByValue(x, -1, 1), -1)).toBe(1);
    expect(await slope((x) => tf.clipByValue(x, -1, 1), 1)).toBe(1);
    expect(await slope((x) => tf.maximum(x, 2), 2)).toBe(0.5);
  });

  it('softmax and logSoftmax', async () => {
    for (const operation of [tf.softmax, tf.logSoftmax] as ((x: tf.Tensor) => tf.Tensor)[]) {
      const [x, dy] = [values([4, 6], 15), values([4, 6], 16)];
      const expected = new Float32Array(24);
      const loss = (data: number[]): number => {
        let total = 0;
        for (let row = 0; row < 4; row++) {
          const terms = data.slice(6 * row, 6 * row + 6);
          const sum = terms.reduce((s, value) => s + Math.exp(value), 0);
          terms.forEach((value, i) => {
            const y = operation === tf.softmax ? Math.exp(value) / sum : value - Math.log(sum);
            total += y * (dy.data[6 * row + i] ?? 0);
          });
        }
        return total;
      };
      const data = [...x.data];
      data.forEach((value, i) => {
        expected[i] = (loss(data.with(i, value + 1e-5)) - loss(data.with(i, value - 1e-5))) / 2e-5;
      });
      const [gradient] = await on('wasm', () => backward(operation, [x], dy));
      expectClose(gradient as Values, { shape: [4, 6], data: expected });
    }
  });
});

describe('maxima', () => {
  const steps = (shape: readonly number[]): Values => ({
    shape,
    data: values(shape, 17).data.map((value) => Math.round(value * 2)), // few levels: many ties
  });

  it('max and min give the gradient to the first of equals', async () => {
    const x = { shape: [2, 3], data: Float32Array.of(1, 5, 5, 7, 7, -1) };
    const dy = { shape: [2], data: Float32Array.of(2, 3) };
    const [max] = await on('wasm', () => backward((t) => tf.max(t, 1), [x], dy));
    expect([...(max?.data ?? [])]).toEqual([0, 2, 0, 3, 0, 0]);
    const [min] = await on('wasm', () => backward((t) => tf.min(t, 0), [x], values([3], 1)));
    expect(min?.data.filter((value) => value !== 0)).toHaveLength(3);
  });

  it.each([[[0]], [[1]], [[3]], [[1, 2]], [[0, 3]]])('max over axes %j', async (axes) => {
    const x = steps([3, 4, 5, 6]);
    const kept = [3, 4, 5, 6].filter((_, axis) => !axes.includes(axis));
    const dy = values(kept, 18);
    const [[wasm], [cpu]] = [
      await on('wasm', () => backward((t) => tf.max(t, axes), [x], dy)),
      await on('cpu', () => backward((t) => tf.max(t, axes), [x], dy)),
    ];
    expectClose(wasm as Values, cpu as Values);
    expect(wasm?.data.filter((value) => value !== 0)).toHaveLength(dy.data.length);
  });

  it.each([
    [3, 2, around(1, 1, 1, 1)],
    [2, 2, 'valid'],
    [3, 1, 'same'],
    [3, 3, 0],
  ] as readonly [number, number, Pads][])('maxPool %i, stride %i', async (size, stride, pad) => {
    for (const channels of [8, 5]) {
      const x = steps([2, 9, 8, channels]);
      const operation: Operation = (t) =>
        tf.maxPool(
          t as tf.Tensor4D,
          size,
          stride,
          pad as never,
          typeof pad === 'string' ? undefined : 'floor',
        );
      const y = await on('cpu', () => forward(operation, [x]));
      expectClose(await on('wasm', () => forward(operation, [x])), y);
      const dy = values(y.shape, 19);
      const [[wasm], [cpu]] = [
        await on('wasm', () => backward(operation, [x], dy)),
        await on('cpu', () => backward(operation, [x], dy)),
      ];
      expectClose(wasm as Values, cpu as Values);
    }
  });
});

describe('batchNormTrain', () => {
  /** y, mean and variance in float64. */
  function reference(
    x: Values,
    gamma: Values,
    beta: Values,
    relu: boolean,
  ): { y: number[]; mean: number[]; variance: number[] } {
    const channels = gamma.data.length;
    const rows = x.data.length / channels;
    const column = (c: number): number[] =>
      Array.from({ length: rows }, (_, r) => x.data[r * channels + c] ?? 0);
    const average = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const mean = [...gamma.data.keys()].map((c) => average(column(c)));
    const variance = mean.map((m, c) => average(column(c).map((value) => (value - m) ** 2)));
    const y = [...x.data].map((value, i) => {
      const c = i % channels;
      const z =
        ((value - (mean[c] ?? 0)) / Math.sqrt((variance[c] ?? 0) + 1e-5)) * (gamma.data[c] ?? 0) +
        (beta.data[c] ?? 0);
      return relu ? Math.max(0, z) : z;
    });
    return { y, mean, variance };
  }

  const shapes: readonly (readonly number[])[] = [
    [4, 6, 5, 8],
    [3, 7, 7, 5],
    [9, 3],
    [2, 11, 6],
    [1, 40, 40, 4],
  ];
  describe.each([0, 100])('values around %i', (centre) => {
    it.each(shapes)('of shape [%i, %i, ...]', async (...shape) => {
      const channels = shape.at(-1) ?? 1;
      const x: Values = { shape, data: values(shape, 20).data.map((value) => value + centre) };
      const [gamma, beta, dy] = [values([channels], 21), values([channels], 22), values(shape, 23)];
      for (const activation of ['linear', 'relu'] as const) {
        const expected = reference(x, gamma, beta, activation === 'relu');
        const run: Operation = (a, g, b) =>
          batchNormTrain(a, g as tf.Tensor1D, b as tf.Tensor1D, 1e-5, activation).y;
        const statistics = await on('wasm', () => {
          const { y, mean, variance } = batchNormTrain(
            tensorOf(x),
            tensorOf(gamma) as tf.Tensor1D,
            tensorOf(beta) as tf.Tensor1D,
            1e-5,
            activation,
          );
          return { y: valuesOf(y), mean: valuesOf(mean), variance: valuesOf(variance) };
        });
        // float32 holds values around 100 to 4e-6 and their differences to the mean no better.
        const tolerance = centre === 0 ? 1e-5 : 1e-4;
        expectClose(
          statistics.mean,
          { shape: [channels], data: Float32Array.from(expected.mean) },
          1e-6,
          'mean',
        );
        expectClose(
          statistics.variance,
          { shape: [channels], data: Float32Array.from(expected.variance) },
          tolerance,
          'variance',
        );
        expectClose(statistics.y, { shape, data: Float32Array.from(expected.y) }, tolerance, 'y');
        // Another formulation: tfjs differentiates the plain formula on CPU.
        const [wasm, cpu] = [
          await on('wasm', () => backward(run, [x, gamma, beta], dy)),
          await on('cpu', () => backward(run, [x, gamma, beta], dy)),
        ];
        cpu.forEach((gradient, i) =>
          expectClose(wasm[i] as Values, gradient, centre === 0 ? 1e-5 : 2e-4, `operand ${i}`),
        );
      }
    });
  });

  it('survives a tidy around the block', async () => {
    const [x, gamma, beta] = [values([2, 3, 3, 4], 24), values([4], 25), values([4], 26)];
    const block: Operation = (a, g, b) =>
      tf.tidy(() => tf.square(batchNormTrain(a, g as tf.Tensor1D, b as tf.Tensor1D, 1e-5, 'relu').y));
    const gradients = await on('wasm', () => backward(block, [x, gamma, beta], values([2, 3, 3, 4], 27)));
    expect(gradients.every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });
});

describe('batchNorm by given statistics', () => {
  const epsilon = 1e-3;
  /** <y, dy> in float64; statistics are vectors, or as large as x. */
  function reference(operands: readonly ArrayLike<number>[], dy: Values): number {
    const [x = [], mean = [], variance = [], offset = [], scale = []] = operands;
    return dy.data.reduce((sum, weight, i) => {
      const at = i % mean.length;
      const normal = ((x[i] ?? NaN) - (mean[at] ?? NaN)) / Math.sqrt((variance[at] ?? NaN) + epsilon);
      return sum + weight * (normal * (scale[at] ?? NaN) + (offset[at] ?? NaN));
    }, 0);
  }
  const cases: readonly [string, readonly number[], readonly number[]][] = [
    ['a matrix', [7, 5], [5]],
    ['an image', [3, 4, 5, 8], [8]],
    ['a row of one channel', [1, 1, 9, 1], [1]],
    ['statistics of the shape of x', [2, 3, 2, 4], [2, 3, 2, 4]],
  ];

  it.each(cases)('%s', async (_name, shape, statistics) => {
    const operands = [
      values(shape, 40),
      values(statistics, 41),
      { shape: statistics, data: values(statistics, 42).data.map((value) => value + 1.5) },
      values(statistics, 43),
      values(statistics, 44),
    ];
    const dy = values(shape, 45);
    const step = 1e-5;
    const expected = operands.map(({ shape: own, data }, k): Values => {
      const at = (i: number, moved: number): number =>
        reference(
          operands.map((operand, j) => (j === k ? Array.from(data).with(i, moved) : operand.data)),
          dy,
        );
      const slopes = Array.from(data, (v, i) => (at(i, v + step) - at(i, v - step)) / (2 * step));
      return { shape: own, data: Float32Array.from(slopes) };
    });
    const run: Operation = (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean, variance, offset, scale, epsilon); // prettier-ignore
    for (const backend of ['wasm', 'cpu'] as const) {
      const gradients = await on(backend, () => backward(run, operands, dy));
      gradients.forEach((gradient, k) =>
        expectClose(gradient, expected[k] as Values, 1e-5, `${backend}, operand ${k}`),
      );
    }
  });
});

it('a training loop leaves no tensors behind and learns', async () => {
  await tf.setBackend('wasm');
  const variables = [values([3, 3, 2, 8], 30), values([8], 31), values([8], 32), values([8, 1], 33)].map(
    (v) => tf.variable(tensorOf(v)),
  );
  const [filter, gamma, beta, weight] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
  const [images, targets] = [tensorOf(values([8, 10, 10, 2], 34)), tensorOf(values([8, 1], 35))];
  const counts: number[] = [];
  const losses: number[] = [];
  for (let step = 0; step < 12; step++) {
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const y = tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
        const z = batchNormTrain(
          y,
          gamma as tf.Variable<tf.Rank.R1>,
          beta as tf.Variable<tf.Rank.R1>,
          1e-5,
          'relu',
        ).y;
        const pooled = tf.mean(tf.maxPool(z as tf.Tensor4D, 2, 2, 'valid'), [1, 2]);
        return tf.mean<tf.Scalar>(tf.squaredDifference(tf.matMul(pooled, weight), targets));
      });
      losses.push(value.dataSync()[0] ?? NaN);
      for (const variable of variables)
        variable.assign(tf.sub(variable, tf.mul(grads[variable.name] as tf.Tensor, 0.1)));
    });
    counts.push(tf.memory().numTensors);
  }
  expect(new Set(counts.slice(1)).size).toBe(1);
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) * 0.9);
  tf.dispose([...variables, images, targets]);
});

it('starts in any working directory', () => {
  const module = new URL('../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs', import.meta.url).href;
  const program = `import(${JSON.stringify(module)}).then(async ({ useWasm }) => console.log(await useWasm()))`;
  expect(execFileSync(process.execPath, ['-e', program], { cwd: tmpdir(), encoding: 'utf8' })).toContain(
    'true',
  );
});
