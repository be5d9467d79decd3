import { need, type Optimizer } from './optimizer.ts';
import { l2DecaySettings, withL2Decay } from './weight-decay.ts';

/** torch's `SGD` without dampening: its first buffer, the gradient, is what a zero buffer gives. */
export const sgd: Optimizer = {
  name: 'sgd',
  doc: "Stochastic gradient descent with optional momentum (Nesterov's too) and L2 decay, by torch's formulas.",
  settings: {
    lr: { kind: 'number', min: 0, positional: true, doc: 'the learning rate' },
    momentum: { kind: 'number', default: 0, min: 0, doc: 'how much of the last step goes on' },
    ...l2DecaySettings,
    nesterov: { kind: 'bool', default: false, doc: 'whether the step looks ahead by the momentum' },
  },
  slots: ({ momentum }) => (momentum === 0 ? [] : ['velocity']),
  update(a, inputs, settings) {
    const { parameter, slots, rate, scalars } = inputs;
    const slope = withL2Decay(a, inputs, settings);
    if (settings.momentum === 0) return { parameter: a.sub(parameter, a.mul(slope, rate)), slots: {} };
    const momentum = need(scalars, 'momentum');
    const velocity = a.named('velocity', a.add(a.mul(need(slots, 'velocity'), momentum), slope));
    const direction = settings.nesterov === true ? a.add(slope, a.mul(velocity, momentum)) : velocity;
    return { parameter: a.sub(parameter, a.mul(direction, rate)), slots: { velocity } };
  },
};
