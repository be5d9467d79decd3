import type { GraphValue } from '../ir/graph.ts';
import { axisNames, findAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { constant, scale } from '../shapes/size.ts';
import { expectAxes, expectFloat } from './axis-checks.ts';
import { named, only } from './named.ts';
import { concrete, elementCount, forEachIndex, zeros } from './nd-array.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type LayerNormAttributes = {
  /** The axes over which mean and variance are taken. */
  readonly over: readonly string[];
  readonly eps: number;
};

/** Whether `vector` has exactly the axes of x that are normalised. */
function fits(vector: TensorType, axes: readonly Axis[], ctx: ShapeContext): boolean {
  return (
    vector.axes.length === axes.length &&
    axes.every(({ name, size }) => {
      const own = findAxis(vector, name);
      return own !== undefined && ctx.equal(own.size, size);
    })
  );
}

const shapes: readonly { readonly x: Readonly<Record<string, number>>; readonly over: readonly string[] }[] =
  [
    { x: { N: 3, D: 8 }, over: ['D'] },
    { x: { N: 2, T: 5, D: 6 }, over: ['D'] },
    { x: { D: 6, T: 5, N: 2 }, over: ['D'] },
    { x: { N: 2, C: 4, H: 3, W: 5 }, over: ['C'] },
    { x: { N: 2, C: 4, H: 3, W: 5 }, over: ['C', 'H', 'W'] },
    { x: { N: 2, C: 4, H: 3, W: 5 }, over: ['W', 'H'] },
    { x: { A: 2, N: 2, C: 3, H: 3, W: 2 }, over: ['N', 'W'] },
    { x: { D: 9 }, over: ['D'] },
    { x: { N: 1, h: 2, T: 3, d: 4 }, over: ['h', 'd'] },
    { x: { N: 2, D: 33 }, over: ['D'] },
  ];

/**
 * Normalisation of each sample by itself (Ba, Kiros, Hinton, "Layer Normalization", 2016), without running statistics:
 * it is the same in training and in inference. Inputs: x and, where it is affine, weight and bias with the axes `over`.
 *
 * The variance divides by the number of elements and is the mean of (x - mean)^2: E[x^2] - mean^2 would lose the digits
 * of a variance that is small beside the mean. Group and instance norm are this op on other axes.
 */
export const layerNormalise: Op<LayerNormAttributes> = {
  name: 'layer_norm',
  doc: 'y = (x - mean) / sqrt(var + eps) weight + bias, by the mean and variance of x over the axes',
  infer: (inputs, { over, eps }, ctx) => {
    const { x } = named(inputs, ['x']);
    if (!expectFloat(ctx, 'layer_norm', x)) return undefined;
    const axes = expectAxes(ctx, '`layer_norm`', x, over);
    if (axes === undefined) return undefined;
    if (eps < 0) return ctx.fail('N3010', `\`eps\` of \`layer_norm\` is ${eps}, but must be at least 0`);
    const other = inputs.slice(1).find((vector) => !fits(vector, axes, ctx));
    if (other === undefined) return [x];
    return ctx.fail('N4001', 'the parameters of `layer_norm` do not fit the axes that it normalises', [
      `x is ${printType(x)}`,
      `a parameter is ${printType(other)}`,
    ]);
  },
  evaluate: (inputs, { over, eps }, outputs) => {
    const { x } = named(inputs, ['x']);
    const [, weight, bias] = inputs;
    const out = zeros(only(outputs));
    const members = x.type.axes.filter(({ name }) => over.includes(name));
    const others = x.type.axes.filter(({ name }) => !over.includes(name));
    const count = elementCount({ ...x.type, axes: members });
    const parameters = [weight?.type ?? concrete({}), bias?.type ?? concrete({})];
    forEachIndex(others, [x.type, out.type], ([from = 0, to = 0]) => {
      const each = (visit: (value: number, offsets: readonly number[]) => void): void =>
        forEachIndex(members, [x.type, out.type, ...parameters], (offsets) =>
          visit(x.data[from + (offsets[0] ?? 0)] ?? NaN, offsets),
        );
      let [mean, variance] = [0, 0];
      each((value) => (mean += value / count));
      each((value) => (variance += (value - mean) ** 2 / count));
      const deviation = Math.sqrt(variance + eps);
      each((value, [, at = 0, atWeight = 0, atBias = 0]) => {
        const gain = weight === undefined ? 1 : (weight.data[atWeight] ?? NaN);
        const shift = bias === undefined ? 0 : (bias.data[atBias] ?? NaN);
        out.data[to + at] = ((value - mean) / deviation) * gain + shift;
      });
    });
    return [out];
  },
  layout: (inputs, { over }, _outputs, dialect, sorted) => {
    const axes = sorted(over);
    const vectors = inputs.slice(1).map(() => axes);
    // In TensorFlow.js only the parameters ask for a place: they meet the last axes.
    const free = dialect === 'channels-last' && vectors.length === 0;
    const x = free ? sorted(axisNames(named(inputs, ['x']).x)) : ['...', ...axes];
    return { inputs: [x, ...vectors], outputs: [x] };
  },
  onnx: (e, { inputs, inputTypes, attributes: { over, eps } }) => {
    const { x } = named(inputs, ['x']);
    const sizes = sizesOf(named(inputTypes, ['x']).x);
    const position = sizes.length - over.length;
    const epsilon = { type: 'float', value: eps } as const;
    if (inputs.length > 1) {
      const axis = { type: 'int', value: position } as const;
      return [e.node('LayerNormalization', inputs, { dims: x.dims }, { axis, epsilon })];
    }
    // LayerNormalization would need a weight as large as what it normalises; this needs a single one.
    const rows = [product(sizes.slice(0, position)), constant(1), product(sizes.slice(position))];
    const operands = [e.reshape(x, rows), e.floats([1], [1]), e.floats([0], [1])];
    return [e.reshape(e.node('InstanceNormalization', operands, { dims: rows }, { epsilon }), sizes)];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { over, eps } }) => {
    const names = axisNames(named(inputTypes, ['x']).x);
    const axes = names.flatMap((name, position) => (over.includes(name) ? [e.number(position)] : []));
    const [x, weight, bias] = inputs;
    const parameters = [`weight: ${weight}`, `bias: ${bias}`].slice(0, inputs.length - 1);
    const options = [...parameters, `epsilon: ${e.number(eps)}`].join(', ');
    return [`${e.helper('layerNorm')}(${x}, [${axes.join(', ')}], { ${options} })`];
  },
  /** With z = (x - mean) / sqrt(var + eps) and h = g weight it is (h - mean of h - z mean of h z) / sqrt(var + eps). */
  gradient: (b, { inputs, outputs, attributes: { over, eps }, gradients }) => {
    const { x } = named(inputs, ['x']);
    const [, weight, bias] = inputs;
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const mean = (value: GraphValue): GraphValue => b.one('mean', [value], { over });
    const centred = b.sub(x, mean(x));
    const variance = mean(b.mul(centred, centred));
    const scaling = b.one('rsqrt', [b.add(variance, b.number(eps))]);
    // Without parameters y is what was normalised.
    const normal = weight === undefined ? only(outputs) : b.mul(centred, scaling);
    const scaled = weight === undefined ? gradient : b.mul(gradient, weight);
    const together = b.add(b.mul(normal, mean(b.mul(scaled, normal))), mean(scaled));
    return [
      b.mul(b.sub(scaled, together), scaling),
      weight && b.sumTo(b.mul(gradient, normal), weight.type),
      bias && b.sumTo(gradient, bias.type),
    ];
  },
  flops: (inputs) => scale(elements(named(inputs, ['x']).x), 6 + inputs.length),
  samples: [
    ...shapes.flatMap(({ x, over }) => [0, 1, 2].map((parameters) => sample(x, over, parameters))),
    // Values far from 0, where E[x^2] - mean^2 would lose every digit.
    { ...sample({ N: 2, D: 16 }, ['D'], 2), ranges: [[300, 304]] },
    { ...sample({ N: 2, D: 16 }, ['D'], 2, 1e-3), ranges: [[-0.01, 0.01]] },
  ],
};

function sample(
  x: Readonly<Record<string, number>>,
  over: readonly string[],
  parameters: number,
  eps = 1e-5,
): Sample<LayerNormAttributes> {
  const vector = concrete(Object.fromEntries(over.map((axis) => [axis, x[axis] ?? 1])));
  return {
    inputs: [concrete(x), ...new Array<typeof vector>(parameters).fill(vector)],
    attributes: { over, eps },
  };
}

export const layerNorm = surfaceOp({
  name: 'layer_norm',
  doc: 'Layer normalisation: each sample is normalised by its own mean and variance over the axes, then scaled and shifted by a learned weight and bias that have these axes.',
  example: 'layer_norm(over: [C])(x)',
  arguments: {
    over: { kind: 'axes', doc: 'the axes over which mean and variance are taken' },
    eps: { kind: 'number', optional: true, default: '1e-5', doc: 'added to the variance' },
    affine: { kind: 'bool', optional: true, default: 'true', doc: 'whether it has a weight and a bias' },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { over, eps = 1e-5, affine = true }, operands) {
    const x = tensorOperand(b, 'layer_norm', operands);
    const axes = x && expectAxes(b, '`layer_norm`', x.type, over);
    if (x === undefined || axes === undefined) return undefined;
    if (!affine) return b.emitOne(layerNormalise, [x], { over, eps });
    // Each element is connected with one input and one output.
    const fan = { in: constant(1), out: constant(1) };
    const weight = b.param('weight', axes, { name: 'ones', args: {} }, fan);
    const bias = b.param('bias', axes, { name: 'zeros', args: {} }, fan);
    return b.emitOne(layerNormalise, [x, weight, bias], { over, eps });
  },
});
