import type { NamedSetting } from '../../ir/module.ts';
import type { Clipping } from '../../optimizers/clipping.ts';
import { clippings } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { settingsLiteral, wrappedComment } from './literals.ts';
import { Names } from './names.ts';
import { scalar, tensor, updateAlgebra } from './update-algebra.ts';

/** The function `clipGradients` of a program, from gradients by name to gradients by name. */
export function writeClipping(setting: NamedSetting, topNames: Names): readonly string[] {
  const clipping = clippings.get(setting.name);
  if (clipping === undefined) throw new Error(`there is no clipping ${setting.name}`);
  const { settings } = completeSettings(clipping.settings, setting.args);
  const keys = Object.keys(settings);
  return [
    '',
    `const clipping = ${settingsLiteral(settings)};`,
    '',
    ...wrappedComment(clipping.doc),
    'function clipGradients(gradients) {',
    `  const { ${keys.join(', ')} } = clipping;`,
    ...bodyOf(clipping, keys, topNames),
    '  const clipped = Object.entries(gradients).map(([name, gradient]) => [name, clip(gradient)]);',
    '  return Object.fromEntries(clipped);',
    '}',
  ];
}

function bodyOf(clipping: Clipping, keys: readonly string[], topNames: Names): readonly string[] {
  const lines: string[] = [];
  const algebra = updateAlgebra(
    lines,
    new Names(['gradient', 'gradients', 'norm', 'factor', 'clip', ...keys], topNames),
  );
  const scalars = Object.fromEntries(keys.map((key) => [key, scalar(key)]));
  if (clipping.by === 'element') {
    const { text } = clipping.clip(algebra, tensor('gradient'), scalars);
    return [...lines, `  const clip = (gradient) => ${text};`];
  }
  const { text } = clipping.factor(algebra, tensor('norm'), scalars);
  return [
    '  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));',
    '  const norm = tf.sqrt(tf.sum(tf.stack(squares)));',
    ...lines,
    `  const factor = ${text};`,
    '  const clip = (gradient) => tf.mul(gradient, factor);',
  ];
}
