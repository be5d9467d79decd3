import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { runProgram } from '../support/tfjs-program.ts';

const missing = oracleMissing('torch');

interface Case {
  readonly loss: string;
  readonly arguments: Readonly<Record<string, number>>;
}

const cases: readonly Case[] = [
  { loss: 'BinaryCrossEntropy', arguments: {} },
  { loss: 'Focal', arguments: { gamma: 2, alpha: 0.25 } },
  { loss: 'Focal', arguments: { gamma: 1.5, alpha: 0.6 } },
  { loss: 'AsymmetricShiftFocal', arguments: { pos: 1, neg: 4, shift: 0.05 } },
  { loss: 'AsymmetricShiftFocal', arguments: { pos: 0, neg: 2, shift: 0.2 } },
  { loss: 'AsymmetricShiftFocal', arguments: { pos: 2, neg: 1, shift: 0.1 } },
  { loss: 'CrossEntropy', arguments: {} },
];

const classes = 5;

/** A model that is nothing but its training: from `x`, which are the logits, `target` and `weight` to `loss`. */
function lossModule({ loss, arguments: args }: Case): Module {
  const given = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  const text = `
    language 1
    import { ${loss} } from "./lib/losses.net"
    model Alone() {
      input x: [N, K: ${classes}]
      output logits = 1 * x
    }
    train Alone {
      target target: [N, K: ${classes}]
      weight weight: [N${loss === 'CrossEntropy' ? '' : `, K: ${classes}`}]
      loss = ${loss}(${given.join(', ')})(logits, target, weight)
      optimizer sgd(lr: 1)
      schedule constant()
      batch 1
      epochs 1
    }`;
  return moduleOf('models/alone.net', { text });
}

/** Logits from -80 to 80, dense around 0, with labels 0, 1 and between, and weights of which some are 0. */
function samples({ loss, arguments: { shift = 0 } }: Case) {
  const exclusive = loss === 'CrossEntropy';
  const logits: number[] = [];
  for (let x = -80; x <= 80; x += 0.7) logits.push(x, x / 16);
  const clear = logits.filter((x) => Math.abs(1 / (1 + Math.exp(-x)) - shift) >= 1e-3);
  const rows = Math.floor(clear.length / classes);
  // Neighbours in the list are far apart in value within a row: exclusive classes compete.
  const x = Float64Array.from({ length: rows * classes }, (_, i) =>
    Math.fround(clear[(i * 7) % clear.length] ?? 0),
  );
  const soft = [0, 1, 0.3];
  const y = x.map((_, i) => {
    const [row, k] = [Math.floor(i / classes), i % classes];
    if (exclusive) return k === row % classes ? 1 : 0;
    return Math.fround(soft[i % soft.length] ?? 0);
  });
  const weights = [1, 0.5, 0, 2];
  const w = Float64Array.from({ length: exclusive ? rows : rows * classes }, (_, i) => weights[i % 4] ?? 1);
  return { rows, x, y, w, exclusive };
}

function evaluateLoss(graph: Graph, given: ReturnType<typeof samples>, x: Float64Array): number {
  const { rows, y, w, exclusive } = given;
  const matrix = { N: rows, K: classes };
  const inputs = new Map([
    ['x', array(matrix, x)],
    ['target', array(matrix, y)],
    ['weight', array(exclusive ? { N: rows } : matrix, w)],
  ]);
  return interpretGraph(graph, inputs, new Map()).outputs.get('loss')?.data[0] ?? NaN;
}

describe.skipIf(missing !== undefined).each(cases)(
  `$loss $arguments beside PyTorch's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (chosen) => {
    const module = lossModule(chosen);
    const graph = graphOf(module, { mode: 'train', entry: 'training' });
    const given = samples(chosen);

    const { rows, x, y, w, exclusive } = given;
    const shape = [rows, classes];
    const tensors = new Map<string, SafeTensor>([
      ['logits', { dtype: 'F32', shape, data: new Float32Array(x) }],
      ['target', { dtype: 'F32', shape, data: new Float32Array(y) }],
      ['weight', { dtype: 'F32', shape: exclusive ? [rows] : shape, data: new Float32Array(w) }],
    ]);
    let reference: Safetensors;
    beforeAll(async () => {
      reference = await askOracle('losses', { ...chosen }, tensors);
    });

    it('has its value', () => {
      const [wanted = NaN] = numbersOf(reference, 'loss');
      expect(Math.abs(evaluateLoss(graph, given, given.x) - wanted)).toBeLessThan(1e-9 * Math.abs(wanted));
    });

    it('has its slope everywhere from -80 to 80', () => {
      const slopes = numbersOf(reference, 'gradient');
      const step = 1e-5;
      for (let i = 0; i < given.x.length; i += 3) {
        const at = (delta: number) => {
          const x = Float64Array.from(given.x);
          x[i] = (x[i] ?? 0) + delta;
          return evaluateLoss(graph, given, x);
        };
        const slope = (at(step) - at(-step)) / (2 * step);
        const wanted = slopes[i] ?? NaN;
        expect(Math.abs(slope - wanted), `at ${given.x[i]}`).toBeLessThan(1e-5 * Math.abs(wanted) + 1e-9);
      }
    });

    it('has its value and its gradient on TensorFlow.js, entry by entry', async () => {
      const program = await runProgram(module, 'loss', tensors);
      const total = w.reduce((sum, weight) => sum + weight, 0);
      const close = (got: number, wanted: number, scale: number, what: string) =>
        expect(Math.abs(got - wanted) * scale, what).toBeLessThan(1e-5 * Math.abs(wanted) * scale + 1e-7);

      const [loss = NaN] = numbersOf(program, 'loss');
      close(loss, numbersOf(reference, 'loss')[0] ?? NaN, 1, 'loss');
      // Times the sum of weights, so that the absolute part of the tolerance means one entry and not their mean.
      const slopes = numbersOf(reference, 'gradient');
      numbersOf(program, 'gradient').forEach((slope, i) =>
        close(slope, slopes[i] ?? NaN, total, `at ${x[i]}`),
      );

      const terms = numbersOf(reference, 'terms');
      numbersOf(program, 'rows').forEach((row, n) => {
        const entries = exclusive ? [n] : Array.from({ length: classes }, (_, k) => n * classes + k);
        const weight = entries.reduce((sum, i) => sum + (w[i] ?? NaN), 0);
        const sum = entries.reduce((sum, i) => sum + (w[i] ?? NaN) * (terms[i] ?? NaN), 0);
        close(row, weight === 0 ? 0 : sum / weight, 1, `row ${n}`);
      });
    });
  },
);

describe('a loss', () => {
  it('is 0 and not undefined where nothing is known', () => {
    const chosen: Case = { loss: 'AsymmetricShiftFocal', arguments: {} };
    const given = samples(chosen);
    given.w.fill(0);
    expect(
      evaluateLoss(graphOf(lossModule(chosen), { mode: 'train', entry: 'training' }), given, given.x),
    ).toBe(0);
  });
});
