import type { GraphParam } from '../ir/graph.ts';
import { need, type Algebra, type UpdateInputs } from './optimizer.ts';
import type { SettingSpecs, Settings } from './setting.ts';

const groups: SettingSpecs = {
  decay_all: {
    kind: 'bool',
    default: false,
    doc: 'whether biases, scales of norms and other vectors decay, too',
  },
};

/** The settings of optimisers whose decay goes through the gradient. */
export const l2DecaySettings: SettingSpecs = {
  weight_decay: {
    kind: 'number',
    default: 0,
    min: 0,
    doc: 'L2 decay: this times the parameter joins its gradient',
  },
  ...groups,
};

/** The gradient with that of the L2 decay. */
export function withL2Decay<V>(a: Algebra<V>, inputs: UpdateInputs<V>, settings: Settings): V {
  const { parameter, gradient, scalars } = inputs;
  if (settings.weight_decay === 0) return gradient;
  return a.named('slope', a.add(gradient, a.mul(parameter, need(scalars, 'weight_decay'))));
}

/** The settings of optimisers whose decay stays apart from the gradient. */
export function decoupledDecaySettings(otherwise: number): SettingSpecs {
  return {
    weight_decay: {
      kind: 'number',
      default: otherwise,
      min: 0,
      doc: 'the share, times lr, that a parameter loses in a step',
    },
    ...groups,
  };
}

/** What of a parameter decides whether it decays. */
export type Decaying = Pick<GraphParam, 'path' | 'init' | 'value'>;

/**
 * Whether weight decay acts on a parameter. Decay is meant for what maps one space into another; biases, scales and
 * slopes would only be drawn away from where they have to be. These are what has fewer than two axes, and what has more
 * because a layer has a bias or a scale for each of several axes: it is called `bias`, or begins as ones.
 */
export function isDecayed({ path, init, value }: Decaying, settings: Settings): boolean {
  if (settings.decay_all === true) return true;
  return value.type.axes.length >= 2 && !/(^|\/)bias$/.test(path) && init.name !== 'ones';
}

/** The settings by which one parameter is updated. */
export function settingsFor(parameter: Decaying, settings: Settings): Settings {
  return isDecayed(parameter, settings) ? settings : withoutDecay(settings);
}

export function withoutDecay(settings: Settings): Settings {
  return { ...settings, weight_decay: 0 };
}

/** {@link isDecayed} as JavaScript, over a row of a program's table of parameters and its `optimizer`. */
export const isDecayedSource = `
/** Whether weight decay acts on a weight: not on biases, scales of norms and other vectors. */
function isDecayed({ path, shape, init }) {
  return optimizer.decay_all || (shape.length >= 2 && !/(^|\\/)bias$/.test(path) && init.kind !== 'ones');
}`;

/** The parameter before its step: a share smaller, whatever its gradient. */
export function decoupledDecay<V>(a: Algebra<V>, inputs: UpdateInputs<V>, settings: Settings): V {
  const { parameter, rate, scalars } = inputs;
  if (settings.weight_decay === 0) return parameter;
  const kept = a.sub(a.number(1), a.mul(rate, need(scalars, 'weight_decay')));
  return a.named('decayed', a.mul(parameter, kept));
}
