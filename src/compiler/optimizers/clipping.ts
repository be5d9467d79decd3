import { need, type Algebra } from './optimizer.ts';
import type { SettingSpecs } from './setting.ts';

/** How gradients are kept from being too large, before the optimiser sees them. */
export type Clipping = {
  readonly name: string;
  readonly doc: string;
  readonly settings: SettingSpecs;
} & (
  | {
      readonly by: 'norm';
      /** What every gradient is multiplied by, from the norm of all of them as one vector. */
      factor<V>(a: Algebra<V>, norm: V, scalars: Readonly<Record<string, V>>): V;
    }
  | {
      readonly by: 'element';
      clip<V>(a: Algebra<V>, gradient: V, scalars: Readonly<Record<string, V>>): V;
    }
);

/** Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013. */
export const clipByNorm: Clipping = {
  name: 'norm',
  doc: "All gradients, as one vector, are made no longer than `max`, by the formula of torch's clip_grad_norm_.",
  settings: {
    max: { kind: 'number', above: 0, positional: true, doc: 'the norm that gradients have at most' },
  },
  by: 'norm',
  factor: (a, norm, scalars) => a.min(a.div(need(scalars, 'max'), a.add(norm, a.number(1e-6))), a.number(1)),
};

export const clipByValue: Clipping = {
  name: 'value',
  doc: "Each element of a gradient is held between -max and max, as by torch's clip_grad_value_.",
  settings: {
    max: { kind: 'number', above: 0, positional: true, doc: 'the magnitude that an element has at most' },
  },
  by: 'element',
  clip: (a, gradient, scalars) => {
    const max = need(scalars, 'max');
    return a.max(a.min(gradient, max), a.sub(a.number(0), max));
  },
};
