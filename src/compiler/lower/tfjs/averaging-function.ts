import type { NamedSetting } from '../../ir/module.ts';
import { averagings } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { settingsLiteral, wrappedComment } from './literals.ts';
import { Names } from './names.ts';
import { scalar, tensor, updateAlgebra } from './update-algebra.ts';

/** The functions of a program that keep an average of its weights. */
export function writeAveraging(setting: NamedSetting, topNames: Names): readonly string[] {
  const averaging = averagings.get(setting.name);
  if (averaging === undefined) throw new Error(`there is no average ${setting.name}`);
  const { settings } = completeSettings(averaging.settings, setting.args);
  const keys = Object.keys(settings);
  const lines: string[] = [];
  const names = new Names(['w', 'averaged', 'path', 'average', 'value', ...keys], topNames);
  const scalars = Object.fromEntries(keys.map((key) => [key, scalar(key)]));
  const next = averaging.update(updateAlgebra(lines, names), tensor('average'), tensor('value'), scalars);
  return [
    '',
    `const averaging = ${settingsLiteral(settings)};`,
    '',
    ...wrappedComment(averaging.doc),
    'function averageWeights({ w, averaged }) {',
    `  const { ${keys.join(', ')} } = averaging;`,
    '  for (const { path } of parameters) {',
    '    const [average, value] = [variableAt(averaged, path), variableAt(w, path)];',
    ...lines.map((line) => `    ${line}`),
    `    average.assign(${next.text});`,
    '  }',
    '}',
    '',
    '/** Variables of their own with the values of others. */',
    'function copyOf(w) {',
    '  if (w instanceof tf.Variable) return tf.variable(w, false);',
    '  const copy = Object.create(null);',
    '  for (const [name, part] of Object.entries(w)) copy[name] = copyOf(part);',
    '  return copy;',
    '}',
  ];
}
