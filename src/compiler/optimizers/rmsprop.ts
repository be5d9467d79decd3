import { need, type Optimizer } from './optimizer.ts';
import { l2DecaySettings, withL2Decay } from './weight-decay.ts';

/**
 * Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012, by torch's formulas; centred as in Graves, "Generating
 * Sequences With Recurrent Neural Networks", 2013.
 */
export const rmsprop: Optimizer = {
  name: 'rmsprop',
  doc: "RMSprop by torch's formulas: the gradient over the root of its mean square, epsilon outside the root, then momentum.",
  settings: {
    lr: { kind: 'number', default: 1e-2, min: 0, positional: true, doc: 'the learning rate' },
    alpha: {
      kind: 'number',
      default: 0.99,
      min: 0,
      below: 1,
      doc: 'how much of the mean of squares is kept in a step',
    },
    eps: { kind: 'number', default: 1e-8, min: 0, doc: 'added to the root of the mean square' },
    momentum: { kind: 'number', default: 0, min: 0, doc: 'how much of the last step goes on' },
    centered: {
      kind: 'bool',
      default: false,
      doc: 'whether the variance of gradients takes the place of their mean square',
    },
    ...l2DecaySettings,
  },
  slots: ({ momentum, centered }) => [
    'square',
    ...(centered === true ? ['mean'] : []),
    ...(momentum === 0 ? [] : ['velocity']),
  ],
  update(a, inputs, settings) {
    const { parameter, slots, rate, scalars } = inputs;
    const slope = withL2Decay(a, inputs, settings);
    const alpha = need(scalars, 'alpha');
    const fresh = a.sub(a.number(1), alpha);
    const meanOf = (slot: string, value: typeof slope): typeof slope =>
      a.named(slot, a.add(a.mul(need(slots, slot), alpha), a.mul(value, fresh)));

    const square = meanOf('square', a.mul(slope, slope));
    const mean = settings.centered === true ? meanOf('mean', slope) : undefined;
    // Rounding alone can make the variance of a gradient that does not change negative.
    const spread =
      mean === undefined ? square : a.named('variance', a.max(a.sub(square, a.mul(mean, mean)), a.number(0)));
    const kept = mean === undefined ? { square } : { square, mean };
    const direction = a.div(slope, a.add(a.sqrt(spread), need(scalars, 'eps')));
    if (settings.momentum === 0) return { parameter: a.sub(parameter, a.mul(direction, rate)), slots: kept };
    const velocity = a.named(
      'velocity',
      a.add(a.mul(need(slots, 'velocity'), need(scalars, 'momentum')), direction),
    );
    return { parameter: a.sub(parameter, a.mul(velocity, rate)), slots: { ...kept, velocity } };
  },
};
