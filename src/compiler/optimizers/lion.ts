import { need, type Optimizer } from './optimizer.ts';
import { decoupledDecay, decoupledDecaySettings } from './weight-decay.ts';

/** Algorithm 2 of Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023. */
export const lion: Optimizer = {
  name: 'lion',
  doc: 'Lion: every element moves by lr, in the direction of the sign of a mean of gradients. Decay stays apart from the gradient.',
  settings: {
    lr: { kind: 'number', default: 1e-4, min: 0, positional: true, doc: 'the learning rate' },
    beta1: {
      kind: 'number',
      default: 0.9,
      min: 0,
      below: 1,
      doc: 'how much of the mean of gradients is in the direction of a step',
    },
    beta2: {
      kind: 'number',
      default: 0.99,
      min: 0,
      below: 1,
      doc: 'how much of the mean of gradients is kept in a step',
    },
    ...decoupledDecaySettings(0),
  },
  slots: () => ['mean'],
  update(a, inputs, settings) {
    const { gradient, slots, rate, scalars } = inputs;
    const before = need(slots, 'mean');
    const mix = (beta: typeof gradient): typeof gradient =>
      a.add(a.mul(before, beta), a.mul(gradient, a.sub(a.number(1), beta)));
    const decayed = decoupledDecay(a, inputs, settings);
    const direction = a.named('direction', a.sign(mix(need(scalars, 'beta1'))));
    const mean = a.named('mean', mix(need(scalars, 'beta2')));
    return { parameter: a.sub(decayed, a.mul(direction, rate)), slots: { mean } };
  },
};
