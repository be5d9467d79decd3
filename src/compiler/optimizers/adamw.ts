import { momentSettings, momentSlots, momentStep } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { decoupledDecay, decoupledDecaySettings } from './weight-decay.ts';

/** Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019. */
export const adamw: Optimizer = {
  name: 'adamw',
  doc: "Adam with decay apart from the gradient, by torch's formulas: p shrinks by lr * weight_decay, then steps.",
  settings: { ...momentSettings, ...decoupledDecaySettings(1e-2) },
  slots: () => momentSlots,
  update: (a, inputs, settings) =>
    momentStep(a, inputs, decoupledDecay(a, inputs, settings), inputs.gradient),
};
