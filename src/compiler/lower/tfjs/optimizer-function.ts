import type { NamedSetting } from '../../ir/module.ts';
import { optimizers } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { isDecayedSource } from '../../optimizers/weight-decay.ts';
import { member, settingsLiteral, wrappedComment } from './literals.ts';
import { Names } from './names.ts';
import { scalar, tensor, updateAlgebra, type Operand } from './update-algebra.ts';

/** An optimiser as JavaScript: its settings and the function that updates one parameter. */
export interface WrittenOptimizer {
  /** The name of the function. */
  readonly name: string;
  readonly slots: readonly string[];
  /** Whether the function wants to be told how much its parameter decays. */
  readonly decays: boolean;
  readonly lines: readonly string[];
}

/** Writes the optimiser that a recipe names, from its definition in `optimizers/`. */
export function writeOptimizer(setting: NamedSetting, topNames: Names): WrittenOptimizer {
  const optimizer = optimizers.get(setting.name);
  if (optimizer === undefined) throw new Error(`there is no optimiser ${setting.name}`);
  const { settings } = completeSettings(optimizer.settings, setting.args);
  const slots = optimizer.slots(settings);
  const name = topNames.fresh(optimizer.name);
  const names = new Names(
    ['parameter', 'gradient', 'slots', 'rate', 'step', ...Object.keys(settings)],
    topNames,
  );

  const used = new Set<string>();
  const scalars = Object.fromEntries(Object.keys(settings).map((key) => [key, scalar(key)]));
  const body: string[] = [];
  const { parameter, slots: next } = optimizer.update<Operand>(
    updateAlgebra(body, names),
    {
      parameter: tensor('parameter'),
      gradient: tensor('gradient'),
      slots: Object.fromEntries(slots.map((slot) => [slot, tensor(`slots${member(slot)}`)])),
      rate: scalar('rate'),
      step: scalar('step'),
      scalars,
    },
    settings,
  );
  body.push(`parameter.assign(${parameter.text});`);
  for (const slot of slots) body.push(`slots${member(slot)}.assign(${next[slot]?.text});`);
  const whole = body.join('\n');
  for (const key of Object.keys(settings)) if (new RegExp(`\\b${key}\\b`).test(whole)) used.add(key);
  // The one setting that differs between parameters.
  const decays = used.delete('weight_decay');
  const given = ['rate', ...(/\bstep\b/.test(whole) ? ['step'] : []), ...(decays ? ['weight_decay'] : [])];

  return {
    name,
    slots,
    decays,
    lines: [
      `const optimizer = ${settingsLiteral(settings)};`,
      '',
      ...wrappedComment(
        `${optimizer.doc} One step for one parameter${slots.length > 0 ? ' and the state kept for it' : ''}.`,
      ),
      `function ${name}(parameter, gradient, slots, { ${given.join(', ')} }) {`,
      ...(used.size === 0 ? [] : [`  const { ${[...used].join(', ')} } = optimizer;`]),
      '  tf.tidy(() => {',
      ...body.map((line) => `    ${line}`),
      '  });',
      '}',
      ...(decays ? isDecayedSource.split('\n') : []),
    ],
  };
}
