import { need, type Algebra, type UpdateInputs } from './optimizer.ts';
import type { SettingSpecs, Settings } from './setting.ts';

/** The setting of optimisers whose decay goes through the gradient. */
export const l2DecaySettings: SettingSpecs = {
  weight_decay: {
    kind: 'number',
    default: 0,
    min: 0,
    doc: 'L2 decay: this times the parameter joins its gradient',
  },
};

/** The gradient with that of the L2 decay. */
export function withL2Decay<V>(a: Algebra<V>, inputs: UpdateInputs<V>, settings: Settings): V {
  const { parameter, gradient, scalars } = inputs;
  if (settings.weight_decay === 0) return gradient;
  return a.named('slope', a.add(gradient, a.mul(parameter, need(scalars, 'weight_decay'))));
}

/** The setting of optimisers whose decay stays apart from the gradient. */
export function decoupledDecaySettings(otherwise: number): SettingSpecs {
  return {
    weight_decay: {
      kind: 'number',
      default: otherwise,
      min: 0,
      doc: 'the share, times lr, that a parameter loses in a step',
    },
  };
}

/** The parameter before its step: a share smaller, whatever its gradient. */
export function decoupledDecay<V>(a: Algebra<V>, inputs: UpdateInputs<V>, settings: Settings): V {
  const { parameter, rate, scalars } = inputs;
  if (settings.weight_decay === 0) return parameter;
  const kept = a.sub(a.number(1), a.mul(rate, need(scalars, 'weight_decay')));
  return a.named('decayed', a.mul(parameter, kept));
}
