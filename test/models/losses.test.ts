import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { DType } from '../../src/compiler/ir/tensor-type.ts';
import { concrete, type NdArray } from '../../src/compiler/ops/nd-array.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { graphOf, moduleOf } from '../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { runProgram } from '../support/tfjs-program.ts';

const missing = oracleMissing('torch');

/**
 * What a target is: the presence of K findings; a distribution over K classes, the number of a class; K masks; or K
 * numbers.
 */
type Kind = 'labels' | 'distribution' | 'class' | 'masks' | 'numbers';

interface Case {
  readonly loss: string;
  readonly kind: Kind;
  readonly arguments: Readonly<Record<string, number>>;
}

const cases: readonly Case[] = [
  { loss: 'BinaryCrossEntropy', kind: 'labels', arguments: {} },
  { loss: 'Focal', kind: 'labels', arguments: { gamma: 2, alpha: 0.25 } },
  { loss: 'Focal', kind: 'labels', arguments: { gamma: 1.5, alpha: 0.6 } },
  { loss: 'AsymmetricShiftFocal', kind: 'labels', arguments: { pos: 1, neg: 4, shift: 0.05 } },
  { loss: 'AsymmetricShiftFocal', kind: 'labels', arguments: { pos: 0, neg: 2, shift: 0.2 } },
  { loss: 'AsymmetricShiftFocal', kind: 'labels', arguments: { pos: 2, neg: 1, shift: 0.1 } },
  { loss: 'Asymmetric', kind: 'labels', arguments: { pos: 0, neg: 4 } },
  { loss: 'Asymmetric', kind: 'labels', arguments: { pos: 1, neg: 2 } },
  { loss: 'CrossEntropy', kind: 'distribution', arguments: {} },
  { loss: 'CrossEntropy', kind: 'distribution', arguments: { smoothing: 0.1 } },
  { loss: 'SparseCrossEntropy', kind: 'class', arguments: {} },
  { loss: 'SparseCrossEntropy', kind: 'class', arguments: { smoothing: 0.1 } },
  { loss: 'Dice', kind: 'masks', arguments: { smooth: 1 } },
  { loss: 'MSE', kind: 'numbers', arguments: {} },
  { loss: 'L1', kind: 'numbers', arguments: {} },
  { loss: 'Huber', kind: 'numbers', arguments: { delta: 1.5 } },
];

const classes = 5;

interface Given {
  readonly name: string;
  /** Without N, which is the number of rows, where it has one. */
  readonly axes: Readonly<Record<string, number>>;
  readonly hasRows: boolean;
  readonly dtype: DType;
}

const K = { K: classes };
const masks = { K: classes, H: 4, W: 3 };

/** The tensors of a loss in its order; the first is the logits or the prediction. */
function tensorsOf(kind: Kind): readonly Given[] {
  const given = (name: string, axes: Given['axes'], more: Partial<Given> = {}): Given => ({
    ...{ name, axes, hasRows: true, dtype: 'f32' },
    ...more,
  });
  switch (kind) {
    case 'labels':
    case 'numbers':
      return [given('logits', K), given('target', K), given('weight', K)];
    case 'distribution':
      return [given('logits', K), given('target', K), given('weight', {})];
    case 'class':
      return [
        given('logits', K),
        given('target', {}, { dtype: 'int32' }),
        given('class_weight', K, { hasRows: false }),
        given('weight', {}),
      ];
    case 'masks':
      return [given('logits', masks), given('target', masks), given('weight', K)];
  }
}

function typeText({ axes, hasRows, dtype }: Given): string {
  const sizes = Object.entries(axes).map(([name, size]) => `${name}: ${size}`);
  return `${dtype === 'f32' ? '' : dtype}[${[...(hasRows ? ['N'] : []), ...sizes].join(', ')}]`;
}

/** A model that is its training and one weight, which is 1: from `x`, which are the logits, and the others to `loss`. */
function lossModule({ loss, kind, arguments: args }: Case): Module {
  const settings = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  const [x, ...others] = tensorsOf(kind);
  if (x === undefined) throw new Error('a loss without logits');
  const declared = others.map((given) => {
    const word = given.name === 'target' ? 'target' : 'weight';
    return `${word} ${given.name}: ${typeText(given)}`;
  });
  const text = `
    language 1
    import { ${loss} } from "./lib/losses.net"
    model Alone() {
      input x: ${typeText(x)}
      param unit: [] = ones
      output logits = unit * x
    }
    train Alone {
      ${declared.join('\n      ')}
      loss = ${loss}(${settings.join(', ')})(logits, ${others.map(({ name }) => name).join(', ')})
      optimizer sgd(lr: 1)
      schedule constant()
      batch 1
      epochs 1
    }`;
  return moduleOf('models/alone.net', { text });
}

type Values = ReadonlyMap<string, NdArray>;

/**
 * Logits from -80 to 80, dense around 0 (numbers from -5 to 5), with targets 0, 1 and between, and weights of which some
 * are 0.
 */
function samples({ kind, arguments: { shift = 0 } }: Case): Values {
  const logits: number[] = [];
  for (let x = -80; x <= 80; x += 0.7) logits.push(x, x / 16);
  const clear = logits.filter((x) => Math.abs(1 / (1 + Math.exp(-x)) - shift) >= 1e-3);
  const rows = kind === 'masks' ? 6 : Math.floor(clear.length / classes);
  const weights = [1, 0.5, 0, 2];
  const soft = [0, 1, 0.3];
  const value = (name: string, i: number): number => {
    switch (name) {
      // Neighbours in the list are far apart in value within a row: exclusive classes compete.
      case 'logits':
        return (clear[(i * 7) % clear.length] ?? 0) / (kind === 'numbers' ? 16 : 1);
      case 'weight':
        return weights[i % 4] ?? 1;
      case 'class_weight':
        return 0.5 + i / 2;
      default:
        if (kind === 'distribution') return i % classes === Math.floor(i / classes) % classes ? 1 : 0;
        return kind === 'class' ? (i % (classes + 1)) - 1 : (soft[i % soft.length] ?? 0);
    }
  };
  return new Map(
    tensorsOf(kind).map(({ name, axes, hasRows, dtype }) => {
      const type = concrete({ ...(hasRows && { N: rows }), ...axes }, dtype);
      const count = type.axes.reduce((product, { size }) => product * size, 1);
      const data = Float64Array.from({ length: count }, (_, i) => Math.fround(value(name, i)));
      return [name, { type, data }];
    }),
  );
}

function dataOf(given: Values, name: string): Float64Array {
  const array = given.get(name);
  if (array === undefined) throw new Error(`there is no ${name}`);
  return array.data;
}

function evaluateLoss(graph: Graph, given: Values, logits = dataOf(given, 'logits')): number {
  const inputs = [...given].map(([name, { type, data }]): [string, NdArray] =>
    name === 'logits' ? ['x', { type, data: logits }] : [name, { type, data }],
  );
  const weights = new Map([['unit', Float32Array.of(1)]]);
  return interpretGraph(graph, new Map(inputs), weights).outputs.get('loss')?.data[0] ?? NaN;
}

/** The tensors as files hold them, in which all numbers are f32; the oracle makes of them what it needs. */
function asFiles(given: Values): ReadonlyMap<string, SafeTensor> {
  return new Map(
    [...given].map(([name, { type, data }]) => {
      const shape = type.axes.map(({ size }) => size);
      return [name, { dtype: 'F32', shape, data: new Float32Array(data) }];
    }),
  );
}

/** The same for a program, which is told of whole numbers. */
function asBatch(given: Values): ReadonlyMap<string, SafeTensor> {
  const isWhole = (name: string) => given.get(name)?.type.dtype === 'int32';
  return new Map(
    [...asFiles(given)].map(([name, tensor]) => [isWhole(name) ? `int32/${name}` : name, tensor]),
  );
}

/** What PyTorch says of all cases, asked at once: its start takes longer than its answers. */
let reference: Safetensors;
beforeAll(async () => {
  if (missing !== undefined) return;
  const tensors = cases.flatMap((chosen, i) =>
    [...asFiles(samples(chosen))].map(([name, tensor]): [string, SafeTensor] => [`${i}/${name}`, tensor]),
  );
  reference = await askOracle('losses', { cases }, new Map(tensors));
});

describe.skipIf(missing !== undefined).each(cases.map((chosen, index) => ({ ...chosen, index })))(
  `$loss $arguments beside PyTorch's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  ({ index, ...chosen }) => {
    const module = lossModule(chosen);
    const graph = graphOf(module, { mode: 'train', entry: 'training' });
    const given = samples(chosen);
    const x = dataOf(given, 'logits');
    const expected = (name: string) => numbersOf(reference, `${index}/${name}`);

    it('has its value', () => {
      const [wanted = NaN] = expected('loss');
      expect(Math.abs(evaluateLoss(graph, given) - wanted)).toBeLessThan(1e-9 * Math.abs(wanted));
    });

    it('has its slope everywhere from -80 to 80', () => {
      const slopes = expected('gradient');
      const step = 1e-5;
      for (let i = 0; i < x.length; i += 3) {
        const at = (delta: number) => evaluateLoss(graph, given, x.with(i, (x[i] ?? 0) + delta));
        const slope = (at(step) - at(-step)) / (2 * step);
        const wanted = slopes[i] ?? NaN;
        expect(Math.abs(slope - wanted), `at ${x[i]}`).toBeLessThan(1e-5 * Math.abs(wanted) + 1e-9);
      }
    });

    it('has its value and its gradient on TensorFlow.js, entry by entry', async () => {
      const program = await runProgram(module, 'loss', asBatch(given));
      const weights = dataOf(given, 'weight');
      const counts = countsOf(given, weights);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const close = (got: number, wanted: number, scale: number, what: string) =>
        expect(Math.abs(got - wanted) * scale, what).toBeLessThan(1e-5 * Math.abs(wanted) * scale + 1e-7);

      const [loss = NaN] = numbersOf(program, 'loss');
      close(loss, expected('loss')[0] ?? NaN, 1, 'loss');
      // Times the sum of weights, so that the absolute part of the tolerance means one entry and not their mean.
      const slopes = expected('gradient');
      numbersOf(program, 'gradient').forEach((slope, i) =>
        close(slope, slopes[i] ?? NaN, total, `at ${x[i]}`),
      );

      const terms = expected('terms');
      const rows = numbersOf(program, 'rows');
      rows.forEach((row, n) => {
        const perRow = weights.length / rows.length;
        const entries = Array.from({ length: perRow }, (_, k) => n * perRow + k);
        const weight = entries.reduce((sum, i) => sum + (counts[i] ?? NaN), 0);
        const sum = entries.reduce((sum, i) => sum + (weights[i] ?? NaN) * (terms[i] ?? NaN), 0);
        close(row, weight === 0 ? 0 : sum / weight, 1, `row ${n}`);
      });
    });
  },
);

/** What the entries count in the mean: their weights, and those of their classes. */
function countsOf(given: Values, weights: Float64Array): Float64Array {
  const ofClasses = given.get('class_weight')?.data;
  if (ofClasses === undefined) return weights;
  const target = dataOf(given, 'target');
  return weights.map((weight, i) => weight * (ofClasses[target[i] ?? -1] ?? 0));
}

describe('a loss', () => {
  it.each(cases)('$loss $arguments is 0 and not undefined where nothing is known', (chosen) => {
    const given = samples(chosen);
    dataOf(given, 'weight').fill(0);
    const graph = graphOf(lossModule(chosen), { mode: 'train', entry: 'training' });
    expect(evaluateLoss(graph, given)).toBe(0);
  });
});
