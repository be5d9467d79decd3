import { need, type Algebra } from './optimizer.ts';
import type { SettingSpecs } from './setting.ts';

/** An average of the weights of many steps, by which a model is evaluated and exported. */
export interface Averaging {
  readonly name: string;
  readonly doc: string;
  readonly settings: SettingSpecs;
  /** The average after a step, for one weight or piece of state; it begins as the value that training begins with. */
  update<V>(a: Algebra<V>, average: V, value: V, scalars: Readonly<Record<string, V>>): V;
}

/** Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, with weights that fall off. */
export const exponentialMovingAverage: Averaging = {
  name: 'ema',
  doc: 'An exponential moving average of weights and running statistics, moved by `1 - decay` of the way after each step.',
  settings: {
    decay: {
      kind: 'number',
      default: 0.999,
      min: 0,
      below: 1,
      positional: true,
      doc: 'how much of the average is kept in a step',
    },
  },
  update: (a, average, value, scalars) => {
    const decay = need(scalars, 'decay');
    return a.add(a.mul(average, decay), a.mul(value, a.sub(a.number(1), decay)));
  },
};
