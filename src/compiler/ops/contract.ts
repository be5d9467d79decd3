import { axisNames, findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import type { GraphValue } from '../ir/graph.ts';
import { constant, scale, type Size } from '../shapes/size.ts';
import { expectAxes, expectFloat } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, renamed, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { reshapeInTfjs } from './reshape-in-tfjs.ts';
import { elements, product, sameSizes, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** Pairs of axes, one of each operand, over which products are summed; they may differ in name. */
export type ContractAttributes = {
  readonly over: readonly { readonly left: string; readonly right: string }[];
};

/** The names of two operands' axes by the part they play; each in the order of its tensor. */
interface Roles {
  readonly overA: readonly string[];
  readonly overB: readonly string[];
  /** In both and kept: one index for both. */
  readonly shared: readonly string[];
  readonly keptA: readonly string[];
  readonly keptB: readonly string[];
}

function rolesOf(a: TensorType, b: TensorType, { over }: ContractAttributes): Roles {
  const overA = over.map(({ left }) => left);
  const overB = over.map(({ right }) => right);
  const openA = axisNames(a).filter((name) => !overA.includes(name));
  const openB = axisNames(b).filter((name) => !overB.includes(name));
  return {
    overA,
    overB,
    shared: openA.filter((name) => openB.includes(name)),
    keptA: openA.filter((name) => !openB.includes(name)),
    keptB: openB.filter((name) => !openA.includes(name)),
  };
}

/** Whether neither operand keeps an axis that the other has not, while both keep some: `sum(a * b)` over the pairs. */
export function isDiagonal(a: TensorType, b: TensorType, attributes: ContractAttributes): boolean {
  const { shared, keptA, keptB } = rolesOf(a, b, attributes);
  return shared.length > 0 && keptA.length === 0 && keptB.length === 0;
}

/**
 * The sum of products over pairs of axes; other axes that both have run together, and all that are left are kept. One
 * matrix product in every target: of matrices [rows, sums] and [sums, columns], where the axes of each part are adjacent.
 */
export const contractOver: Op<ContractAttributes> = {
  name: 'contract',
  doc: 'y[.., i, j] = sum over t of a[.., i, t] b[.., t, j]',
  infer: (inputs, attributes, ctx) => {
    const { a, b } = named(inputs, ['a', 'b']);
    const { overA, overB, shared, keptB } = rolesOf(a, b, attributes);
    if (!expectFloat(ctx, 'contract', a) || !expectFloat(ctx, 'contract', b)) return undefined;
    const none = attributes.over.length === 0;
    if (
      !none &&
      (expectAxes(ctx, '`contract`', a, overA) === undefined ||
        expectAxes(ctx, '`contract`', b, overB) === undefined)
    )
      return undefined;
    const pairs = [...attributes.over, ...shared.map((name) => ({ left: name, right: name }))];
    const different = pairs.find(({ left, right }) => {
      const [l, r] = [findAxis(a, left), findAxis(b, right)];
      return l === undefined || r === undefined || !ctx.equal(l.size, r.size);
    });
    if (different !== undefined) {
      const { left, right } = different;
      const what = left === right ? `axis ${left}` : `axes ${left} and ${right}`;
      return ctx.fail('N4001', `the two sides of \`contract\` differ in ${what}`, [
        `the left side is ${printType(a)}`,
        `the right side is ${printType(b)}`,
        ...(shared.includes(left)
          ? [`both have axis ${left}, so that it is one index: \`rename\` it if it is not`]
          : []),
      ]);
    }
    const made = b.axes.filter(({ name }) => keptB.includes(name));
    const slot = a.axes.findIndex(({ name }) => overA.includes(name));
    const kept = (axes: TensorType['axes']): TensorType['axes'] =>
      axes.filter(({ name }) => !overA.includes(name));
    const [before, after] = slot < 0 ? [a.axes, []] : [a.axes.slice(0, slot), a.axes.slice(slot)];
    return [{ ...a, axes: [...kept(before), ...made, ...kept(after)] }];
  },
  evaluate: (inputs, { over }, outputs) => {
    const { a, b } = named(inputs, ['a', 'b']);
    const out = zeros(only(outputs));
    const summed =
      (side: 'left' | 'right') =>
      (name: string): string => {
        const index = over.findIndex((pair) => pair[side] === name);
        return index < 0 ? name : `.sum${index}`;
      };
    const [typeA, typeB] = [renamed(a.type, summed('left')), renamed(b.type, summed('right'))];
    const sums = typeA.axes.filter(({ name }) => name.startsWith('.sum'));
    forEachIndex([...out.type.axes, ...sums], [out.type, typeA, typeB], ([to = 0, atA = 0, atB = 0]) => {
      out.data[to] = (out.data[to] ?? NaN) + (a.data[atA] ?? NaN) * (b.data[atB] ?? NaN);
    });
    return [out];
  },
  prefers: (inputs, attributes, outputs) => {
    const { a, b } = named(inputs, ['a', 'b']);
    const { shared, keptA, keptB } = rolesOf(a, b, attributes);
    return shared.length === 0 ? outputs.map(axisNames) : [[...shared, ...keptA, ...keptB]];
  },
  layout: (inputs, attributes, _outputs, dialect, sorted) => {
    const types = named(inputs, ['a', 'b']);
    const { overA, overB, ...kept } = rolesOf(types.a, types.b, attributes);
    const [keptA, keptB] = [sorted(kept.keptA), sorted(kept.keptB)];
    if (kept.shared.length > 0) {
      const shared = sorted(kept.shared);
      const orders = [
        [...shared, ...keptA, ...overA],
        [...shared, ...overB, ...keptB],
      ];
      return { inputs: orders, outputs: [[...shared, ...keptA, ...keptB]] };
    }
    // One operand is a matrix for all of the other: the one that keeps more axes stays as it is, if it can.
    const aKeepsMore = keptA.length >= keptB.length;
    const [x, over, made] = aKeepsMore ? [types.a, overA, keptB] : [types.b, overB, keptA];
    const overMatrix = aKeepsMore ? overB : overA;
    const order = sorted(axisNames(x));
    const first = order.findIndex((name) => over.includes(name));
    const after = order.slice(first + over.length);
    const isTogether = over.length > 0 && over.every((name, i) => order[first + i] === name);
    if (dialect === 'channels-first' && isTogether && after.length > 0) {
      const read = inOperandOrder(aKeepsMore, order, [...made, ...overMatrix]);
      return { inputs: read, outputs: [[...order.slice(0, first), ...made, ...after]] };
    }
    const rest = order.filter((name) => !over.includes(name));
    const read = inOperandOrder(aKeepsMore, [...rest, ...over], [...overMatrix, ...made]);
    return { inputs: read, outputs: [[...rest, ...made]] };
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const values = named(inputs, ['a', 'b']);
    const out = only(outputTypes);
    // MatMul takes any number of axes before the matrices.
    const plan = productOf(named(inputTypes, ['a', 'b']), attributes, (sizes) => sizes);
    const factors = [e.reshape(values[plan.left], plan.first), e.reshape(values[plan.right], plan.second)];
    return [e.reshape(e.node('MatMul', factors, { dims: plan.dims }), sizesOf(out))];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const values = named(inputs, ['a', 'b']);
    const types = named(inputTypes, ['a', 'b']);
    const wanted = sizesOf(only(outputTypes));
    // The gradient of a product of unequal ranks forgets to add up what was broadcast.
    const plan = productOf(types, attributes, (sizes) => [product(sizes)]);
    const [x, matrix] = [sizesOf(types[plan.left]), sizesOf(types[plan.right])];
    const applied = [...x.slice(0, -1), ...matrix.slice(1)];
    const isMap =
      matrix.length === 2 && plan.first.length === 2 && sameSizes(x.slice(-1), matrix.slice(0, 1));
    if (isMap && x.length > 2 && sameSizes(plan.second, matrix) && sameSizes(applied, wanted)) {
      return [`${e.helper('dot')}(${values[plan.left]}, ${values[plan.right]})`];
    }
    const left = reshapeInTfjs(e, values[plan.left], sizesOf(types[plan.left]), plan.first);
    const right = reshapeInTfjs(e, values[plan.right], sizesOf(types[plan.right]), plan.second);
    return [reshapeInTfjs(e, `tf.matMul(${left}, ${right})`, plan.dims, wanted)];
  },
  gradient: (b, { inputs, attributes, gradients }) => {
    const values = named(inputs, ['a', 'b']);
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const { over } = attributes;
    const { keptA, keptB } = rolesOf(values.a.type, values.b.type, attributes);
    const fromRight = over.map(({ left, right }) => ({ there: right, here: left }));
    const fromLeft = over.map(({ left, right }) => ({ there: left, here: right }));
    return [
      factorGradient(b, gradient, { other: values.b, brought: keptB, names: fromRight }),
      factorGradient(b, gradient, { other: values.a, brought: keptA, names: fromLeft }),
    ];
  },
  flops: (inputs, attributes, outputs) => {
    const { a } = named(inputs, ['a', 'b']);
    const sums = attributes.over.map(({ left }) => findAxis(a, left)?.size ?? constant(1));
    return scale(product([elements(only(outputs)), ...sums]), 2);
  },
  samples: [
    sample({ N: 3, C: 5 }, { '.out': 4, '.in': 5 }, [['C', '.in']]),
    sample({ N: 3, C: 5 }, { C: 4, '.in': 5 }, [['C', '.in']]),
    sample({ N: 2, C: 5, H: 3, W: 4 }, { K: 7, C: 5 }, [['C', 'C']]),
    sample({ K: 7, C: 5 }, { N: 2, C: 5, H: 3, W: 4 }, [['C', 'C']]),
    sample({ W: 4, C: 5, N: 2 }, { C: 5, K: 2 }, [['C', 'C']]),
    sample({ N: 2, T: 3, h: 2, d: 5 }, { N: 2, S: 4, h: 2, d: 5 }, [['d', 'd']]),
    sample({ N: 2, h: 2, T: 3, S: 4 }, { N: 2, S: 4, h: 2, d: 5 }, [['S', 'S']]),
    sample({ N: 3, C: 5, S: 2 }, { N: 3, C: 5, S: 2 }, [
      ['C', 'C'],
      ['S', 'S'],
    ]),
    sample({ N: 2, C: 3, H: 4, W: 5 }, { H: 4, W: 5, K: 2 }, [
      ['H', 'H'],
      ['W', 'W'],
    ]),
    sample({ T: 5 }, { T: 5 }, [['T', 'T']]),
    sample({ N: 3, C: 2 }, { K: 4 }, []),
    sample({ N: 3, C: 2 }, { N: 3, K: 4 }, []),
    sample({ N: 2, A: 3, B: 2, C: 5 }, { C: 5, D: 2, E: 3 }, [['C', 'C']]),
  ],
};

/**
 * The gradient of one factor: that of the product times the other factor, summed over the axes that only the other one
 * brought, and with the summed axes under the names that they have here.
 */
function factorGradient(
  b: GradientBuilder,
  gradient: GraphValue,
  factors: {
    readonly other: GraphValue;
    readonly brought: readonly string[];
    /** Of the summed axes. */
    readonly names: readonly { readonly there: string; readonly here: string }[];
  },
): GraphValue {
  const { other, brought, names } = factors;
  // A summed axis of the other factor may have the name of an axis of the product.
  const moved = names.filter(({ there, here }) => there !== here);
  const apart = moved.map((_pair, i) => `.summed${i}`);
  const rename = (x: GraphValue, from: readonly string[], to: readonly string[]): GraphValue =>
    moved.length === 0 ? x : b.one('rename', [x], { from, to });
  const right = rename(other, moved.map(({ there }) => there), apart); // prettier-ignore
  const over = brought.map((name) => ({ left: name, right: name }));
  const product = b.one('contract', [gradient, right], { over });
  return rename(product, apart, moved.map(({ here }) => here)); // prettier-ignore
}

function inOperandOrder<T>(isAFirst: boolean, x: T, matrix: T): readonly [a: T, b: T] {
  return isAFirst ? [x, matrix] : [matrix, x];
}

/** The matrix product that a contraction is, for operands and result in the order of `layout`. */
interface MatrixProduct {
  readonly left: 'a' | 'b';
  readonly right: 'a' | 'b';
  /** Shapes of the factors, left one first, and of the product, with equally many axes in front of the matrices. */
  readonly first: readonly Size[];
  readonly second: readonly Size[];
  readonly dims: readonly Size[];
}

/** @param rows the leading axes of a factor, as they are or made into one */
function productOf(
  types: { readonly a: TensorType; readonly b: TensorType },
  attributes: ContractAttributes,
  rows: (sizes: readonly Size[]) => readonly Size[],
): MatrixProduct {
  const { overA, overB, shared, keptA, keptB } = rolesOf(types.a, types.b, attributes);
  const sizes = (type: TensorType, names: readonly string[]): readonly Size[] =>
    names.map((name) => findAxis(type, name)?.size ?? constant(1));
  const sums = product(sizes(types.a, overA));
  if (shared.length > 0) {
    const batch = sizes(types.a, shared);
    const [height, width] = [product(sizes(types.a, keptA)), product(sizes(types.b, keptB))];
    return {
      left: 'a',
      right: 'b',
      first: [...batch, height, sums],
      second: [...batch, sums, width],
      dims: [...batch, height, width],
    };
  }
  const aKeepsMore = keptA.length >= keptB.length;
  const [x, w] = aKeepsMore ? (['a', 'b'] as const) : (['b', 'a'] as const);
  const [over, made] = aKeepsMore ? [overA, keptB] : [overB, keptA];
  const width = product(sizes(types[w], made));
  const names = axisNames(types[x]);
  const end = names.length - over.length;
  if (over.every((name, i) => names[end + i] === name)) {
    const height = rows(sizes(types[x], names.slice(0, end)));
    return { left: x, right: w, first: [...height, sums], second: [sums, width], dims: [...height, width] };
  }
  const slot = names.findIndex((name) => over.includes(name));
  const before = rows(sizes(types[x], names.slice(0, slot)));
  const after = product(sizes(types[x], names.slice(slot + over.length)));
  return {
    left: w,
    right: x,
    first: [width, sums],
    second: [...before, sums, after],
    dims: [...before, width, after],
  };
}

function sample(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  over: readonly (readonly [left: string, right: string])[],
): Op<ContractAttributes>['samples'][number] {
  return {
    inputs: [concrete(a), concrete(b)],
    attributes: { over: over.map(([left, right]) => ({ left, right })) },
  };
}

export const contract = surfaceOp({
  name: 'contract',
  doc: 'Products of two tensors summed over axes. Other axes that both have run together; all that are left are kept.',
  example: 'contract(queries, keys, over: [d])',
  arguments: {
    over: { kind: 'axes', doc: 'the axes of both that are summed over; none for all products' },
  },
  operands: ['a', 'b'],
  parameterised: false,
  build(b, { over }, operands) {
    const left = tensorOperand(b, 'contract', operands, 0);
    const right = tensorOperand(b, 'contract', operands, 1);
    const pairs = over.map((name) => ({ left: name, right: name }));
    return left && right && b.emitOne(contractOver, [left, right], { over: pairs });
  },
});
