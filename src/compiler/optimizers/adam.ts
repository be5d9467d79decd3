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

/** What Adam and AdamW keep of each parameter: sums of its gradients and of their squares, those of long ago weighing less. */
export const momentSlots = ['sum', 'squares'] as const;

/**
 * Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, with both means corrected for their start at
 * zero. Such a mean is a weighted sum, of beta^k times the gradient k steps ago, over the sum of these weights. What is kept is the
 * sum, which takes a pass over the parameter less than the uncorrected mean does, (1 - beta) times the sum; what it is divided by
 * is a number. As in torch, epsilon joins the corrected root; but the correction of the root is applied to two numbers, as the end
 * of the paper's section 2 has it, which is one more pass less.
 */
export function momentStep<V>(a: Algebra<V>, inputs: UpdateInputs<V>, parameter: V, slope: V): Update<V> {
  const { slots, rate, step, scalars } = inputs;
  const [beta1, beta2] = [need(scalars, 'beta1'), need(scalars, 'beta2')];
  const sum = a.named('sum', a.add(a.mul(need(slots, 'sum'), beta1), slope));
  const squares = a.named('squares', a.add(a.mul(need(slots, 'squares'), beta2), a.mul(slope, slope)));
  const one = a.number(1);
  const weights = (beta: V): V => a.div(a.sub(one, a.pow(beta, step)), a.sub(one, beta));
  const correction = a.named('correction', a.sqrt(weights(beta2)));
  const stepSize = a.named('stepSize', a.div(a.mul(rate, correction), weights(beta1)));
  const epsilon = a.named('epsilon', a.mul(need(scalars, 'eps'), correction));
  const root = a.named('root', a.add(a.sqrt(squares), epsilon));
  return { parameter: a.sub(parameter, a.mul(a.div(sum, root), stepSize)), slots: { sum, squares } };
}

export const adam: Optimizer = {
  name: 'adam',
  doc: "Adam by torch's formulas: epsilon outside the root, both moments corrected, L2 decay through the gradient.",
  settings: {
    ...momentSettings,
    ...l2DecaySettings,
  },
  slots: () => momentSlots,
  update(a, inputs, settings) {
    return momentStep(a, inputs, inputs.parameter, withL2Decay(a, inputs, settings));
  },
};
