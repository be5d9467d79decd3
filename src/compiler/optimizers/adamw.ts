import { momentSettings, momentStep } from './adam.ts';
import { need, type Optimizer } from './optimizer.ts';

/** Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019. */
export const adamw: Optimizer = {
  name: 'adamw',
  doc: "Adam with decay apart from the gradient, by torch's formulas: p shrinks by lr * weight_decay, then steps.",
  settings: {
    ...momentSettings,
    weight_decay: {
      kind: 'number',
      default: 1e-2,
      min: 0,
      doc: 'the share, times lr, that a parameter loses in a step',
    },
  },
  slots: () => ['mean', 'square'],
  update(a, inputs, settings) {
    const { parameter, gradient, rate, scalars } = inputs;
    const decayed =
      settings.weight_decay === 0
        ? parameter
        : a.named(
            'decayed',
            a.mul(parameter, a.sub(a.number(1), a.mul(rate, need(scalars, 'weight_decay')))),
          );
    return momentStep(a, inputs, decayed, gradient);
  },
};
