import { beforeAll, describe, expect, it } from 'vitest';
import { optimizers } from '../../../src/compiler/optimizers/registry.ts';
import { completeSettings, type Settings } from '../../../src/compiler/optimizers/setting.ts';
import { slotPath } from '../../../src/compiler/training/optimizer-pass.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { moduleOf } from '../../support/model-graph.ts';
import { ortStep } from '../../support/ort-step.ts';
import { randomNumbers, relativeError } from '../../support/random-values.ts';
import { optimizerCases } from './cases.ts';
import { runSteps } from './number-algebra.ts';

function optimizerOf(name: string) {
  const optimizer = optimizers.get(name);
  if (optimizer === undefined) throw new Error(`there is no optimiser ${name}`);
  return optimizer;
}

describe('optimisers by hand', () => {
  const run = (name: string, given: Record<string, number | boolean>, gradients: number[]) => {
    const optimizer = optimizerOf(name);
    const { settings, problems } = completeSettings(optimizer.settings, given);
    expect(problems).toEqual([]);
    const rates = gradients.map(() => Number(settings.lr));
    return runSteps(optimizer, settings, [1], gradients.map((g) => [g]), rates).map(([p]) => p); // prettier-ignore
  };

  it('sgd subtracts the gradient', () => {
    expect(run('sgd', { lr: 0.1 }, [2, -1])).toEqual([1 - 0.2, 1 - 0.2 + 0.1]);
  });

  it('sgd keeps its velocity: v = 0.5 v + g', () => {
    expect(run('sgd', { lr: 0.1, momentum: 0.5 }, [2, 1])).toEqual([0.8, 0.8 - 0.1 * 2]);
  });

  it('the first step of adam is the learning rate, whatever the size of the gradient', () => {
    for (const gradient of [1e-3, 1, 1e3]) {
      expect(run('adam', { lr: 0.1, eps: 0 }, [gradient])[0]).toBeCloseTo(0.9, 12);
    }
  });

  it('adamw decays apart from the gradient: p (1 - lr decay), then the step', () => {
    expect(run('adamw', { lr: 0.1, eps: 0, weight_decay: 0.5 }, [7])[0]).toBeCloseTo(1 - 0.05 - 0.1, 12);
  });

  it('the first step of rmsprop is lr over the root of 1 - alpha, whatever the size of the gradient', () => {
    for (const gradient of [1e-3, -1e3]) {
      const [first] = run('rmsprop', { lr: 0.1, alpha: 0.75, eps: 0 }, [gradient]);
      expect(first).toBeCloseTo(1 - 0.2 * Math.sign(gradient), 12);
    }
  });

  it('rmsprop by the variance of a gradient that never changes is no NaN', () => {
    const steps = run(
      'rmsprop',
      { centered: true, alpha: 0.5 },
      Array.from({ length: 100 }, () => 0.7),
    );
    expect(steps.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('lion moves by the sign of its mean, and decays apart from it', () => {
    const steps = run('lion', { lr: 0.1, beta1: 0.5, beta2: 0.5, weight_decay: 0.5 }, [3, -1, -1]);
    // The means before each step are 0, 1.5, 0.25.
    const [first, second] = [0.95 - 0.1, (0.95 - 0.1) * 0.95 - 0.1];
    const wanted = [first, second, second * 0.95 + 0.1];
    steps.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 12));
  });
});

/** The gradient by p is g itself, whatever p is. */
function linear(optimizer: string, settings: Settings, count: number): string {
  const given = Object.entries({ ...settings, decay_all: true }).map(([name, value]) => `${name}: ${value}`);
  return `language 1
model Linear() {
  input g: [N, K: ${count}]
  param p: [K: ${count}] = zeros
  y = sum(g * p, over: [N, K])
  output y
}
train Linear {
  loss = y
  optimizer ${optimizer}(${given.join(', ')})
}
`;
}

const missing = oracleMissing('torch');

describe.skipIf(missing !== undefined)(
  `optimisers beside torch.optim${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const [count, steps] = [64, 12];
    const parameter = randomNumbers(count, 1);
    const gradient = randomNumbers(count * steps, 2);
    const rates = Array.from({ length: steps }, (_, i) => 0.02 / (i + 1));

    const cases = optimizerCases.map(([name, given]) => {
      const optimizer = optimizerOf(name);
      return { optimizer, settings: completeSettings(optimizer.settings, { lr: 0.02, ...given }).settings };
    });
    let answer: Safetensors;

    beforeAll(async () => {
      const asked = cases.map(({ optimizer, settings }) => ({ optimizer: optimizer.name, settings }));
      const tensors = new Map<string, SafeTensor>([
        ['parameter', { dtype: 'F32', shape: [count], data: parameter.slice() }],
        ['gradient', { dtype: 'F32', shape: [steps, count], data: gradient.slice() }],
      ]);
      answer = await askOracle('optimizers', { cases: asked, rates }, tensors);
    });

    cases.forEach(({ optimizer, settings }, number) => {
      it(`${optimizer.name} ${JSON.stringify(settings)}`, () => {
        const wanted = numbersOf(answer, String(number));
        const gradients = rates.map((_, i) => [...gradient.subarray(i * count, (i + 1) * count)]);
        const got = runSteps(optimizer, settings, [...parameter], gradients, rates).flat();
        expect(Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] ?? NaN))))).toBeLessThan(1e-6);
      });

      it(`${optimizer.name} ${JSON.stringify(settings)} in the step graph`, async () => {
        const step = await ortStep(
          moduleOf('linear.net', { text: linear(optimizer.name, settings, count) }),
          1,
        );
        let state = new Map<string, SafeTensor>([
          ['p', { dtype: 'F32', shape: [count], data: parameter.slice() }],
          ...optimizer
            .slots(settings)
            .map((slot): [string, SafeTensor] => [
              slotPath(slot, 'p'),
              { dtype: 'F32', shape: [count], data: new Float32Array(count) },
            ]),
        ]);
        const wanted = numbersOf(answer, String(number));
        for (const [i, rate] of rates.entries()) {
          const g = gradient.slice(i * count, (i + 1) * count);
          const given = new Map([...state, ['g', { dtype: 'F32', shape: [1, count], data: g }] as const]);
          const after = await step.run(given, { rate, step: i + 1 });
          state = new Map(
            [...after].map(([path, data]) => [
              path,
              { dtype: 'F32', shape: [count], data: Float32Array.from(data) },
            ]),
          );
          const error = relativeError(
            after.get('p') ?? new Float32Array(),
            wanted.subarray(i * count, (i + 1) * count),
          );
          expect(error, `step ${i}`).toBeLessThan(1e-6);
        }
        await step.close();
      });
    });
  },
);

describe('settings', () => {
  const { settings } = optimizerOf('adamw');
  it.each([
    [{ lr: -1 }, 'lr', '`lr` is at least 0, not -1'],
    [{ beta1: 1 }, 'beta1', '`beta1` is below 1, not 1'],
    [{ beta1: 'x' }, 'beta1', '`beta1` is a number, not x'],
    [{ lr: Infinity }, 'lr', '`lr` is a number, not Infinity'],
    [
      { nesterov: true },
      'nesterov',
      'there is no setting `nesterov`; there are lr, beta1, beta2, eps, weight_decay, decay_all',
    ],
  ])('%o is refused', (given: Record<string, number | boolean | string>, name, text) => {
    expect(completeSettings(settings, given).problems).toEqual([{ name, text }]);
  });

  it('what has no default is asked for', () => {
    expect(completeSettings(optimizerOf('sgd').settings, {}).problems).toEqual([
      { name: 'lr', text: '`lr` is missing: the learning rate' },
    ]);
  });

  it('what is left out is filled in', () => {
    expect(completeSettings(settings, { lr: 1 }).settings).toEqual({
      lr: 1,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weight_decay: 1e-2,
      decay_all: false,
    });
  });

  it('a name of Object.prototype is no setting', () => {
    expect(completeSettings(settings, { constructor: 1 }).problems).toHaveLength(1);
  });
});
