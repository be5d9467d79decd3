import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { helpers } from '../../../../src/compiler/lower/tfjs/helpers/catalogue.ts';
import { compiled } from './compiled.ts';
import { programText } from './generated.ts';
import { sources } from './sources.ts';

const layOut = (text: string): Promise<string> =>
  format(text, { parser: 'babel', printWidth: 110, singleQuote: true, trailingComma: 'all' });

/** Most of a program is written in this layout, so that prettier need not read it. */
describe('programs are in the layout of prettier', () => {
  it.each(sources)('$name', async ({ source }) => {
    const text = await programText(compiled(source), { format: true });
    expect(text).toBe(await layOut(text));
  });

  it.each([
    ['sgd(lr: 0.1)', 'constant()'],
    ['sgd(lr: 0.1, momentum: 0.9, nesterov: true)', 'cosine(warmup: 500, total: 10_000)'],
    ['adam(lr: 1e-3)', 'step(every: 10)'],
    ['adamw(lr: 1e-3)', 'cosine()'],
  ])('with %s and %s', async (optimizer, schedule) => {
    const source =
      sources[0]?.source.replace(/optimizer .*/, `optimizer ${optimizer}\n  schedule ${schedule}`) ?? '';
    const text = await programText(compiled(source), { format: true });
    expect(text).toBe(await layOut(text));
  });

  it.each(Object.entries(helpers))('the helper %s', async (_name, { source }) => {
    expect(source).toBe(await layOut(source));
  });
});
