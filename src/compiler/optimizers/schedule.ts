import type { Settings, SettingSpecs } from './setting.ts';

/** How the learning rate goes with the steps. */
export interface Schedule {
  readonly name: string;
  readonly doc: string;
  readonly settings: SettingSpecs;
  /** One sentence about these settings, for a reader of a generated program. */
  describe(settings: Settings): string;
  /**
   * JavaScript statements that end in `return`: what `lr` is multiplied by at `step`, from 0, of `steps` in all
   * (`Infinity` where the end is not known). The settings are in scope under their names.
   */
  readonly factor: readonly string[];
  /** The same as a function. */
  factorAt(settings: Settings, step: number, steps: number): number;
}

/** A setting that is a number; every one is filled in. */
function numberOf(settings: Settings, name: string): number {
  return Number(settings[name]);
}

export const constantRate: Schedule = {
  name: 'constant',
  doc: 'The same learning rate in every step.',
  settings: {},
  describe: () => 'The learning rate stays as it is.',
  factor: ['return 1;'],
  factorAt: () => 1,
};

export const cosineRate: Schedule = {
  name: 'cosine',
  doc: 'A linear rise over `warmup` steps, then half a cosine down to 0 at the last step (Loshchilov and Hutter, "SGDR", ICLR 2017).',
  settings: {
    warmup: { kind: 'number', default: 0, min: 0, integer: true, doc: 'the number of steps of the rise' },
    total: {
      kind: 'number',
      default: 0,
      min: 0,
      integer: true,
      doc: 'the step at which it reaches 0; 0: the last of the run',
    },
  },
  describe: ({ warmup, total }) =>
    `${warmup === 0 ? 'The rate falls' : `The rate rises over ${warmup} steps, then falls`} along half a cosine to 0 at ${total === 0 ? 'the end' : `step ${total}`}.`,
  factor: [
    'if (step < warmup) return (step + 1) / warmup;',
    'const end = total > 0 ? total : steps;',
    'const progress = Math.min(1, (step - warmup) / Math.max(1, end - warmup));',
    'return (1 + Math.cos(Math.PI * progress)) / 2;',
  ],
  factorAt(settings, step, steps) {
    const [warmup, total] = [numberOf(settings, 'warmup'), numberOf(settings, 'total')];
    if (step < warmup) return (step + 1) / warmup;
    const end = total > 0 ? total : steps;
    const progress = Math.min(1, (step - warmup) / Math.max(1, end - warmup));
    return (1 + Math.cos(Math.PI * progress)) / 2;
  },
};

export const stepRate: Schedule = {
  name: 'step',
  doc: 'The learning rate times `factor` after every `every` steps.',
  settings: {
    every: { kind: 'number', min: 1, integer: true, doc: 'the number of steps between two changes' },
    factor: { kind: 'number', default: 0.1, min: 0, doc: 'what the rate is multiplied by' },
  },
  describe: ({ every, factor }) => `The rate is multiplied by ${factor} after every ${every} steps.`,
  factor: ['return factor ** Math.floor(step / every);'],
  factorAt: (settings, step) =>
    numberOf(settings, 'factor') ** Math.floor(step / numberOf(settings, 'every')),
};
