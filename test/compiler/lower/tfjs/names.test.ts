import { describe, expect, it } from 'vitest';
import { functionName, mentions, Names, variantName } from '../../../../src/compiler/lower/tfjs/names.ts';

describe('names', () => {
  it('are kept where they are free, and numbered where they are not', () => {
    const names = new Names([]);
    expect(['path', 'path', 'path', 'x1', 'x1'].map((name) => names.fresh(name))).toEqual([
      'path', 'path2', 'path3', 'x1', 'x1_2',
    ]); // prettier-ignore
  });

  it('do not mean anything else', () => {
    const names = new Names(['model'], new Names(['tf']));
    expect(['class', 'model', 'tf', '__proto__', 'Math', 'await'].map((name) => names.fresh(name))).toEqual([
      'class_', 'model_', 'tf_', '__proto___', 'Math_', 'await_',
    ]); // prettier-ignore
  });

  it('consist of letters and digits whatever the hint', () => {
    const names = new Names([]);
    for (const hint of ['', '1', 'a b', 'ä', '); process.exit(1); (', '.out', '\u2028']) {
      expect(names.fresh(hint)).toMatch(/^[A-Za-z_$][\w$]*$/);
    }
  });

  it('of inner scopes avoid those of outer ones', () => {
    const outer = new Names([]);
    outer.fresh('squeeze');
    expect(new Names([], outer).fresh('squeeze')).toBe('squeeze_');
  });
});

describe('names of functions', () => {
  it.each([
    ['ConvBnRelu', 'convBnRelu'],
    ['SIM', 'SIM'],
    ['MSFA', 'MSFA'],
    ['DenseNet121', 'denseNet121'],
    ['gate', 'gate'],
    ['X', 'X'],
  ])('%s becomes %s', (name, wanted) => expect(functionName(name)).toBe(wanted));

  it.each([
    ['Activation[relu]', 'activationRelu'],
    ['Squeeze.2', 'squeeze2'],
    ['F[act: ConvBn(16)]', 'FActConvBn16'],
  ])('the variant %s becomes %s', (id, wanted) => expect(variantName(id)).toBe(wanted));
});

describe('mentions', () => {
  it.each([
    ['x', 'tf.relu(x)', true],
    ['x', 'tf.relu(x2)', false],
    ['x', 'w.x', false],
    ['x', 'ax + x', true],
    ['x', '', false],
    ['path', 'w.path[path]', true],
  ])('%s in %s: %s', (name, text, wanted) => expect(mentions(text, name)).toBe(wanted));
});
