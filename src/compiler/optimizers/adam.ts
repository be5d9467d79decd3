import { need, type Algebra, type Optimizer, type Update, type UpdateInputs } from './optimizer.ts';
import type { SettingSpecs } from './setting.ts';
import { l2DecaySettings, withL2Decay } from './weight-decay.ts';

/** What Adam and AdamW share. */
export const momentSettings: SettingSpecs = {
  lr: { kind: 'number', default: 1e-3, min: 0, positional: true, doc: 'the learning rate' },
  beta1: {
    kind: 'number',
    default: 0.9,
    min: 0,
    below: 1,
    doc: 'how much of the mean of gradients is kept in a step',
  },
  beta2: {
    kind: 'number',
    default: 0.999,
    min: 0,
    below: 1,
    doc: 'how much of the mean of their squares is kept',
  },
  eps: { kind: 'number', default: 1e-8, min: 0, doc: 'added to the root of the mean square' },
};

/**
 * Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, with both means corrected for their start at
 * zero. As in torch, epsilon joins the corrected root; but the correction of the root is applied to two scalars, as the end
 * of the paper's section 2 has it, which is a pass over the parameter less.
 */
export function momentStep<V>(a: Algebra<V>, inputs: UpdateInputs<V>, parameter: V, slope: V): Update<V> {
  const { slots, rate, step, scalars } = inputs;
  const [beta1, beta2] = [need(scalars, 'beta1'), need(scalars, 'beta2')];
  const one = a.number(1);
  const mean = a.named('mean', a.add(a.mul(need(slots, 'mean'), beta1), a.mul(slope, a.sub(one, beta1))));
  const square = a.named(
    'square',
    a.add(a.mul(need(slots, 'square'), beta2), a.mul(a.mul(slope, slope), a.sub(one, beta2))),
  );
  const correction = a.named('correction', a.sqrt(a.sub(one, a.pow(beta2, step))));
  const stepSize = a.named('stepSize', a.div(a.mul(rate, correction), a.sub(one, a.pow(beta1, step))));
  const epsilon = a.named('epsilon', a.mul(need(scalars, 'eps'), correction));
  const root = a.named('root', a.add(a.sqrt(square), epsilon));
  return { parameter: a.sub(parameter, a.mul(a.div(mean, root), stepSize)), slots: { mean, square } };
}

export const adam: Optimizer = {
  name: 'adam',
  doc: "Adam by torch's formulas: epsilon outside the root, both moments corrected, L2 decay through the gradient.",
  settings: {
    ...momentSettings,
    ...l2DecaySettings,
  },
  slots: () => ['mean', 'square'],
  update(a, inputs, settings) {
    return momentStep(a, inputs, inputs.parameter, withL2Decay(a, inputs, settings));
  },
};
