import type { NamedSetting } from '../../ir/module.ts';
import type { Algebra } from '../../optimizers/optimizer.ts';
import { optimizers } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { isDecayedSource } from '../../optimizers/weight-decay.ts';
import { entry, member, numberLiteral, wrappedComment } from './literals.ts';
import { Names } from './names.ts';

/** An optimiser as JavaScript: its settings and the function that updates one parameter. */
export interface WrittenOptimizer {
  /** The name of the function. */
  readonly name: string;
  readonly slots: readonly string[];
  /** Whether the function wants to be told how much its parameter decays. */
  readonly decays: boolean;
  readonly lines: readonly string[];
}

/** A value of an update: a number of JavaScript, or a tensor of TensorFlow.js. */
interface Operand {
  readonly text: string;
  readonly isTensor: boolean;
  readonly level: 'sum' | 'product' | 'atom';
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
  const scalars = Object.fromEntries(
    Object.keys(settings).map((key) => [key, { text: key, isTensor: false, level: 'atom' }] as const),
  );
  const body: string[] = [];
  const { parameter, slots: next } = optimizer.update<Operand>(
    algebra(body, names),
    {
      parameter: tensor('parameter'),
      gradient: tensor('gradient'),
      slots: Object.fromEntries(slots.map((slot) => [slot, tensor(`slots${member(slot)}`)])),
      rate: { text: 'rate', isTensor: false, level: 'atom' },
      step: { text: 'step', isTensor: false, level: 'atom' },
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

  const entries = Object.entries(settings).map(([key, value]) =>
    entry(key, typeof value === 'number' ? numberLiteral(value) : String(value)),
  );
  return {
    name,
    slots,
    decays,
    lines: [
      `const optimizer = { ${entries.join(', ')} };`,
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

function tensor(text: string): Operand {
  return { text, isTensor: true, level: 'atom' };
}

function algebra(lines: string[], names: Names): Algebra<Operand> {
  const arithmetic =
    (call: string, operator: string, level: 'sum' | 'product') =>
    (a: Operand, b: Operand): Operand => {
      if (a.isTensor || b.isTensor) return tensor(`tf.${call}(${a.text}, ${b.text})`);
      const right = b.level === 'atom' ? b.text : `(${b.text})`;
      const left = a.level === 'atom' || (a.level === level && level === 'product') ? a.text : `(${a.text})`;
      return {
        text: `${level === 'sum' && a.level !== 'sum' ? a.text : left} ${operator} ${right}`,
        isTensor: false,
        level,
      };
    };
  const multiply = arithmetic('mul', '*', 'product');
  return {
    number: (value) => ({ text: numberLiteral(value), isTensor: false, level: 'atom' }),
    add: arithmetic('add', '+', 'sum'),
    sub: arithmetic('sub', '-', 'sum'),
    mul: (a, b) => (a.isTensor && a.text === b.text ? tensor(`tf.square(${a.text})`) : multiply(a, b)),
    div: arithmetic('div', '/', 'product'),
    pow: (a, b) => ({ text: `${a.text} ** ${b.text}`, isTensor: false, level: 'product' }),
    sqrt: (a) =>
      a.isTensor
        ? tensor(`tf.sqrt(${a.text})`)
        : { text: `Math.sqrt(${a.text})`, isTensor: false, level: 'atom' },
    sign: (a) =>
      a.isTensor
        ? tensor(`tf.sign(${a.text})`)
        : { text: `Math.sign(${a.text})`, isTensor: false, level: 'atom' },
    max: (a, b) =>
      a.isTensor || b.isTensor
        ? tensor(`tf.maximum(${a.text}, ${b.text})`)
        : { text: `Math.max(${a.text}, ${b.text})`, isTensor: false, level: 'atom' },
    named: (hint, value) => {
      const name = names.fresh(hint);
      lines.push(`const ${name} = ${value.text};`);
      return { text: name, isTensor: value.isTensor, level: 'atom' };
    },
  };
}
