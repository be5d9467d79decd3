import { describe, expect, test } from 'vitest';
import { printType, tensorType, type TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import type { AxisSize, PaddingArgument, PerAxis } from '../../../src/compiler/ops/arguments.ts';
import { batchNorm } from '../../../src/compiler/ops/batch-norm.ts';
import { minus, plus } from '../../../src/compiler/ops/binary.ts';
import { cast } from '../../../src/compiler/ops/cast.ts';
import { clamp } from '../../../src/compiler/ops/clamp.ts';
import { concat } from '../../../src/compiler/ops/concat.ts';
import { contract } from '../../../src/compiler/ops/contract.ts';
import { conv } from '../../../src/compiler/ops/conv.ts';
import { expand } from '../../../src/compiler/ops/expand.ts';
import { factor } from '../../../src/compiler/ops/factor.ts';
import { linear } from '../../../src/compiler/ops/linear.ts';
import { merge } from '../../../src/compiler/ops/merge.ts';
import { avgPool, maxPool } from '../../../src/compiler/ops/pool.ts';
import { surfaceOps } from '../../../src/compiler/ops/registry.ts';
import { rename } from '../../../src/compiler/ops/rename.ts';
import { resize } from '../../../src/compiler/ops/resize.ts';
import { shuffle } from '../../../src/compiler/ops/shuffle.ts';
import { softmax } from '../../../src/compiler/ops/softmax.ts';
import { split } from '../../../src/compiler/ops/split.ts';
import { stack } from '../../../src/compiler/ops/stack.ts';
import type { SurfaceOp } from '../../../src/compiler/ops/surface-op.ts';
import {
  add,
  constant,
  floorDiv,
  freshVar,
  mul,
  variable,
  type Size,
} from '../../../src/compiler/shapes/size.ts';
import { build, list, tensor, TestBuilder } from './test-builder.ts';

const size = (value: number | Size): Size => (typeof value === 'number' ? constant(value) : value);
const typeOf = (sizes: Readonly<Record<string, number | Size>>, dtype: TensorType['dtype'] = 'f32'): TensorType =>
  tensorType(Object.entries(sizes).map(([name, s]) => ({ name, size: size(s) })), dtype); // prettier-ignore
const x = (sizes: Readonly<Record<string, number | Size>>) => tensor(typeOf(sizes));
const over = (sizes: Readonly<Record<string, number | Size>>): readonly AxisSize[] =>
  Object.entries(sizes).map(([axis, s]) => ({ axis, size: size(s) }));
const mapping = (from: readonly string[], to: Readonly<Record<string, number | Size | undefined>>) => ({
  from,
  to: Object.entries(to).map(([axis, s]) => ({ axis, size: s === undefined ? undefined : size(s) })),
});
const all = (value: number | Size): PerAxis => ({ kind: 'all', size: size(value) });
const each = (sizes: Readonly<Record<string, number>>): PerAxis => ({ kind: 'each', sizes: over(sizes) });
const pad = (by: PerAxis): PaddingArgument => ({ kind: 'explicit', by });
const unary = (name: string): SurfaceOp => {
  const op = surfaceOps.get(name);
  if (op === undefined) throw new Error(`there is no ${name}`);
  return op;
};

const [N, C, H, W] = ['N', 'C', 'H', 'W'].map((name) => variable(freshVar(name)));
const image = (): ReturnType<typeof tensor> => x({ N: N ?? 1, C: C ?? 1, H: H ?? 1, W: W ?? 1 });

/** The printed type of the result of a build that must succeed, and what it asked of sizes. */
function shown(
  op: SurfaceOp,
  args: Readonly<Record<string, unknown>>,
  ...operands: Parameters<typeof build>[2][]
) {
  const { result, b } = build(op, args, ...operands);
  expect(b.complaints).toEqual([]);
  return { type: result && printType(result.type), required: b.required, params: b.params };
}

describe('shapes over symbolic sizes', () => {
  test('a convolution with `padding: same` keeps sizes, and takes the ceiling of half at stride 2', () => {
    const args = { axes: mapping(['C'], { C: 64 }), over: over({ H: 3, W: 3 }) };
    expect(shown(conv, args, image()).type).toBe('[N, C: 64, H, W]');
    expect(shown(conv, { ...args, stride: all(2) }, image()).type).toBe(
      '[N, C: 64, H: ceildiv(H, 2), W: ceildiv(W, 2)]',
    );
    expect(shown(conv, { ...args, dilation: all(3) }, image()).type).toBe('[N, C: 64, H, W]');
  });

  test('a convolution asks that its kernel fits', () => {
    const args = { axes: mapping(['C'], { K: 8 }), over: over({ H: 7 }), padding: { kind: 'valid' } };
    const { type, required } = shown(conv, args, image());
    expect(type).toBe('[N, K: 8, H: H - 6, W]');
    expect(required).toEqual(['N4009 H >= 7']);
  });

  test('a symbolic kernel must be odd, groups must divide', () => {
    const k = variable(freshVar('k'));
    const g = variable(freshVar('g'));
    const args = { axes: mapping(['C'], { C: mul(g, constant(4)) }), over: over({ H: k }), groups: g };
    const { type, required } = shown(conv, args, image());
    expect(type).toBe('[N, C: 4 * g, H, W]');
    expect(required).toContain('N3010 k % 2 == 1');
    expect(required).toContain('N4005 C % g == 0');
  });

  test('the weights of a convolution have the shape of torch', () => {
    const args = { axes: mapping(['C'], { K: 8 }), over: over({ H: 3, W: 5 }), groups: constant(2) };
    const { params } = shown(conv, args, x({ N: 2, C: 6, H: 9, W: 9 }));
    expect(params.map(({ name, axes }) => [name, printType(tensorType(axes))])).toEqual([
      ['weight', '[.out: 8, .in: 3, .H: 3, .W: 5]'],
      ['bias', '[.out: 8]'],
    ]);
    expect(params.map(({ fan }) => [fan?.in.value, fan?.out.value])).toEqual([[45, 120], [45, 120]]); // prettier-ignore
  });

  test('a linear map of an axis into itself', () => {
    const { type, params } = shown(linear, { axes: mapping(['C'], { C: 14 }) }, image());
    expect(type).toBe('[N, C: 14, H, W]');
    expect(params.map(({ axes }) => printType(tensorType(axes)))).toEqual(['[C: 14, .in: C]', '[C: 14]']);
  });

  test('pooling steps by its window unless told otherwise', () => {
    expect(shown(maxPool, { over: over({ H: 2, W: 2 }) }, image()).type).toBe(
      '[N, C, H: floordiv(H, 2), W: floordiv(W, 2)]',
    );
    expect(shown(maxPool, { over: over({ H: 3 }), stride: all(2), padding: pad(all(1)) }, image()).type).toBe(
      '[N, C, H: ceildiv(H, 2), W]',
    );
  });

  test('a split into a symbolic number of pieces is a list, which concat puts together again', () => {
    const pieces = variable(freshVar('pieces'));
    const { result, b } = build(split, { axis: 'C', into: pieces }, image());
    expect(result && printType(result.type)).toBe('list of pieces [N, C: floordiv(C, pieces), H, W]');
    expect(b.required).toContain('N4005 C % pieces == 0');
    const element = typeOf({ N: N ?? 1, C: 8 });
    expect(shown(concat, { along: 'C' }, list(element, pieces)).type).toBe('[N, C: 8 * pieces]');
    expect(shown(stack, { along: 'S' }, list(element, pieces)).type).toBe('[S: pieces, N, C: 8]');
  });

  test('sizes of what is merged and taken apart', () => {
    expect(shown(merge, { axes: mapping(['H', 'W'], { T: undefined }) }, image()).type).toBe(
      '[N, C, T: H * W]',
    );
    const heads = variable(freshVar('heads'));
    const D = mul(heads, constant(3));
    const args = { axes: mapping(['D'], { h: heads, d: undefined }) };
    expect(shown(factor, args, x({ N: N ?? 1, D })).type).toBe('[N, h: heads, d: 3]');
  });

  test('contraction keeps what it does not sum', () => {
    const T = variable(freshVar('T'));
    const queries = x({ N: N ?? 1, T, h: 2, d: 5 });
    const keys = x({ N: N ?? 1, S: T, h: 2, d: 5 });
    expect(shown(contract, { over: ['d'] }, queries, keys).type).toBe('[N, T, h: 2, S: T]');
    expect(shown(contract, { over: [] }, x({ A: 2 }), x({ B: 3 })).type).toBe('[A: 2, B: 3]');
  });

  test('concat adds up sizes', () => {
    const grown = x({ N: N ?? 1, C: add(C ?? constant(1), constant(32)) });
    expect(shown(concat, { along: 'C' }, x({ N: N ?? 1, C: C ?? 1 }), grown).type).toBe('[N, C: 2 * C + 32]');
  });

  test('resize replaces sizes', () => {
    const half = floorDiv(H ?? constant(1), constant(2));
    expect(shown(resize, { over: over({ H: half }), mode: 'bilinear' }, image()).type).toBe(
      '[N, C, H: floordiv(H, 2), W]',
    );
  });
});

describe('what is wrong has a code', () => {
  const image4 = (): ReturnType<typeof tensor> => x({ N: 2, C: 6, H: 5, W: 5 });
  const tokens = tensor(typeOf({ N: 2, T: 3 }, 'int32'));
  const to = (axis: string, value: number) => mapping(['C'], { [axis]: value });
  const cases: readonly [string, SurfaceOp, Readonly<Record<string, unknown>>, readonly Parameters<typeof build>[2][], string][] = [
    ['conv over an axis that is missing', conv, { axes: to('K', 4), over: over({ T: 3 }) }, [image4()], 'N4002'],
    ['conv of channels that are missing', conv, { axes: mapping(['D'], { K: 4 }), over: over({ H: 3 }) }, [image4()], 'N4002'],
    ['conv without a size', conv, { axes: mapping(['C'], { K: undefined }), over: over({ H: 3 }) }, [image4()], 'N3005'],
    ['conv into an axis that is there', conv, { axes: to('N', 4), over: over({ H: 3 }) }, [image4()], 'N4003'],
    ['conv with an even kernel', conv, { axes: to('K', 4), over: over({ H: 4 }) }, [image4()], 'N3010'],
    ['conv with a kernel that does not fit', conv, { axes: to('K', 4), over: over({ H: 7 }), padding: { kind: 'valid' } }, [image4()], 'N4009'],
    ['conv over no axis', conv, { axes: to('K', 4), over: [] }, [image4()], 'N3010'],
    ['conv over one axis twice', conv, { axes: to('K', 4), over: [...over({ H: 3 }), ...over({ H: 3 })] }, [image4()], 'N4003'],
    ['conv with stride 0', conv, { axes: to('K', 4), over: over({ H: 3 }), stride: all(0) }, [image4()], 'N3010'],
    ['conv with a stride along another axis', conv, { axes: to('K', 4), over: over({ H: 3 }), stride: each({ W: 2 }) }, [image4()], 'N3010'],
    ['conv with negative padding', conv, { axes: to('K', 4), over: over({ H: 3 }), padding: pad(all(-1)) }, [image4()], 'N3010'],
    ['conv with groups that do not divide its channels', conv, { axes: to('K', 8), over: over({ H: 3 }), groups: constant(4) }, [image4()], 'N4005'],
    ['conv with groups that do not divide its outputs', conv, { axes: to('K', 4), over: over({ H: 3 }), groups: constant(3) }, [image4()], 'N4005'],
    ['conv with no group', conv, { axes: to('K', 4), over: over({ H: 3 }), groups: constant(0) }, [image4()], 'N3010'],
    ['conv of whole numbers', conv, { axes: mapping(['T'], { K: 4 }), over: over({ N: 1 }) }, [tokens], 'N3011'],
    ['linear of an axis that is missing', linear, { axes: mapping(['D'], { K: 4 }) }, [image4()], 'N4002'],
    ['linear into an axis that is there', linear, { axes: to('H', 4) }, [image4()], 'N4003'],
    ['linear of no axis', linear, { axes: mapping([], { K: 4 }) }, [image4()], 'N3005'],
    ['linear into nothing', linear, { axes: to('K', 0) }, [image4()], 'N3010'],
    ['batch_norm of an axis that is missing', batchNorm, { channel: 'D' }, [image4()], 'N4002'],
    ['batch_norm with a momentum above 1', batchNorm, { channel: 'C', momentum: 9 }, [image4()], 'N3010'],
    ['batch_norm with a negative eps', batchNorm, { channel: 'C', eps: -1 }, [image4()], 'N3010'],
    ['max_pool with padding as wide as its window', maxPool, { over: over({ H: 2 }), padding: pad(all(2)) }, [image4()], 'N3010'],
    ['avg_pool with a window that does not fit', avgPool, { over: over({ H: 6 }) }, [image4()], 'N4009'],
    ['avg_pool over an axis that is missing', avgPool, { over: over({ T: 2 }) }, [image4()], 'N4002'],
    ['mean over no axis', unary('mean'), { over: [] }, [image4()], 'N3010'],
    ['sum over an axis that is missing', unary('sum'), { over: ['Q'] }, [image4()], 'N4002'],
    ['max over one axis twice', unary('max'), { over: ['H', 'H'] }, [image4()], 'N4003'],
    ['relu of whole numbers', unary('relu'), {}, [tokens], 'N3011'],
    ['relu of a list', unary('relu'), {}, [list(typeOf({ N: 2 }), constant(3))], 'N3006'],
    ['softmax along an axis that is missing', softmax, { axis: 'S' }, [image4()], 'N4002'],
    ['clamp without bounds', clamp, {}, [image4()], 'N3003'],
    ['clamp with bounds the wrong way round', clamp, { min: 1, max: 0 }, [image4()], 'N3010'],
    ['concat of different sizes', concat, { along: 'C' }, [x({ N: 2, C: 3 }), x({ N: 3, C: 3 })], 'N4014'],
    ['concat of different axes', concat, { along: 'C' }, [x({ N: 2, C: 3 }), x({ B: 2, C: 3 })], 'N4014'],
    ['concat along an axis that is missing', concat, { along: 'S' }, [x({ N: 2 }), x({ N: 2 })], 'N4002'],
    ['concat of nothing', concat, { along: 'S' }, [], 'N3010'],
    ['stack of different sizes', stack, { along: 'S' }, [x({ N: 2 }), x({ N: 3 })], 'N4014'],
    ['stack along an axis that is there', stack, { along: 'N' }, [x({ N: 2 }), x({ N: 2 })], 'N4003'],
    ['split of an axis that is missing', split, { axis: 'S', into: constant(2) }, [image4()], 'N4002'],
    ['split that leaves a rest', split, { axis: 'C', into: constant(4) }, [image4()], 'N4005'],
    ['split into nothing', split, { axis: 'C', into: constant(0) }, [image4()], 'N3010'],
    ['shuffle that leaves a rest', shuffle, { axis: 'C', groups: constant(4) }, [image4()], 'N4005'],
    ['resize of three axes', resize, { over: over({ C: 3, H: 3, W: 3 }), mode: 'nearest' }, [image4()], 'N3010'],
    ['resize to nothing', resize, { over: over({ H: 0 }), mode: 'nearest' }, [image4()], 'N3010'],
    ['resize in an unknown way', resize, { over: over({ H: 3 }), mode: 'bicubic' }, [image4()], 'N3010'],
    ['rename of an axis that is missing', rename, { axes: mapping(['T'], { S: undefined }) }, [image4()], 'N4002'],
    ['rename to an axis that is there', rename, { axes: mapping(['C'], { N: undefined }) }, [image4()], 'N4003'],
    ['rename with a size', rename, { axes: to('D', 6) }, [image4()], 'N3005'],
    ['rename of two axes into one', rename, { axes: mapping(['H', 'W'], { T: undefined }) }, [image4()], 'N3005'],
    ['merge into an axis that stays', merge, { axes: mapping(['H', 'W'], { C: undefined }) }, [image4()], 'N4003'],
    ['merge into two axes', merge, { axes: mapping(['H', 'W'], { A: undefined, B: undefined }) }, [image4()], 'N3005'],
    ['merge with a size that is not the product', merge, { axes: mapping(['H', 'W'], { T: 24 }) }, [image4()], 'N4001'],
    ['factor with sizes that do not multiply to the whole', factor, { axes: mapping(['C'], { a: 2, b: 4 }) }, [image4()], 'N4001'],
    ['factor that leaves a rest', factor, { axes: mapping(['C'], { a: 4, b: undefined }) }, [image4()], 'N4005'],
    ['factor with two sizes left out', factor, { axes: mapping(['C'], { a: undefined, b: undefined }) }, [image4()], 'N3003'],
    ['expand along an axis that is there', expand, { over: over({ C: 2 }) }, [image4()], 'N4003'],
    ['expand over nothing', expand, { over: [] }, [image4()], 'N3010'],
    ['contract over an axis that one side lacks', contract, { over: ['d'] }, [x({ N: 2, d: 3 }), x({ N: 2 })], 'N4002'],
    ['contract with sizes that differ', contract, { over: ['d'] }, [x({ N: 2, d: 3 }), x({ N: 2, d: 4 })], 'N4001'],
    ['contract with shared sizes that differ', contract, { over: ['d'] }, [x({ N: 2, d: 3 }), x({ N: 3, d: 3 })], 'N4001'],
    ['cast to an unknown type', cast, { to: 'f64' }, [image4()], 'N3010'],
    ['maximum of tensors that would form an outer product', unary('maximum'), {}, [x({ N: 2 }), x({ C: 2 })], 'N4004'],
  ]; // prettier-ignore

  test.each(cases)('%s', (_what, op, args, operands, code) => {
    const { result, b } = build(op, args, ...operands);
    expect(result).toBeUndefined();
    expect(b.complaints.map((complaint) => complaint.code)).toEqual([code]);
  });

  test('operators say both shapes and the axis', () => {
    const b = new TestBuilder();
    expect(b.emitOne(plus, [x({ N: 2, C: 3 }), x({ C: 4 })], {})).toBeUndefined();
    expect(b.emitOne(minus, [x({ N: 2, C: 3 }), x({ C: 3, H: 2 })], {})).toBeUndefined();
    expect(b.emitOne(minus, [tokens, x({ N: 2, T: 3 })], {})).toBeUndefined();
    expect(b.complaints).toMatchInlineSnapshot(`
      [
        {
          "code": "N4001",
          "help": "bring both to one size: \`linear\` and \`conv\` set the width of an axis; padding, stride and \`resize\` its length",
          "message": "the two sides differ in axis C",
          "notes": [
            "the left side is [N: 2, C: 3]",
            "the right side is [C: 4]",
          ],
        },
        {
          "code": "N4004",
          "help": "\`rename(H -> N)\` if they are one axis; an outer product that is meant is said with \`expand\` or \`contract\`",
          "message": "the left side alone has axis N, the right side alone has axis H: together they would form an outer product",
          "notes": [
            "the left side is [N: 2, C: 3]",
            "the right side is [C: 3, H: 2]",
          ],
        },
        {
          "code": "N3011",
          "help": "use \`cast(to: f32)\`",
          "message": "\`a - b\` needs f32 on both sides",
          "notes": [
            "the left side is int32[N: 2, T: 3]",
            "the right side is [N: 2, T: 3]",
          ],
        },
      ]
    `);
  });
});
