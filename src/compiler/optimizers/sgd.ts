import { need, type Optimizer } from './optimizer.ts';

/** torch's `SGD` without dampening: its first buffer, the gradient, is what a zero buffer gives. */
export const sgd: Optimizer = {
  name: 'sgd',
  doc: "Stochastic gradient descent with optional momentum (Nesterov's too) and L2 decay, by torch's formulas.",
  settings: {
    lr: { kind: 'number', min: 0, doc: 'the learning rate' },
    momentum: { kind: 'number', default: 0, min: 0, doc: 'how much of the last step goes on' },
    weight_decay: {
      kind: 'number',
      default: 0,
      min: 0,
      doc: 'L2 decay: this times the parameter joins its gradient',
    },
    nesterov: { kind: 'bool', default: false, doc: 'whether the step looks ahead by the momentum' },
  },
  slots: ({ momentum }) => (momentum === 0 ? [] : ['velocity']),
  update(a, { parameter, gradient, slots, rate, scalars }, settings) {
    const slope =
      settings.weight_decay === 0
        ? gradient
        : a.named('slope', a.add(gradient, a.mul(parameter, need(scalars, 'weight_decay'))));
    if (settings.momentum === 0) return { parameter: a.sub(parameter, a.mul(slope, rate)), slots: {} };
    const momentum = need(scalars, 'momentum');
    const velocity = a.named('velocity', a.add(a.mul(need(slots, 'velocity'), momentum), slope));
    const direction = settings.nesterov === true ? a.add(slope, a.mul(velocity, momentum)) : velocity;
    return { parameter: a.sub(parameter, a.mul(direction, rate)), slots: { velocity } };
  },
};
