import { Lexer } from 'chevrotain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tokenize } from '../../grammar/tokenize.ts';
import { textOf, tokens } from '../../grammar/tokens.ts';
import { corpus } from '../compiler/syntax/reading.ts';

const chevrotain = new Lexer([...tokens], { positionTracking: 'onlyOffset', ensureOptimizations: true });

function byChevrotain(text: string) {
  const { tokens: found, groups, errors } = chevrotain.tokenize(text);
  const withEnd = (token: (typeof found)[number]) => ({
    ...token,
    endOffset: token.startOffset + token.image.length - 1,
  });
  return {
    tokens: found.map(withEnd),
    comments: (groups['comments'] ?? []).map(withEnd),
    unexpected: errors.map(({ offset, length }) => ({ offset, length })),
  };
}

const sources = [...corpus().values()];

it.each(sources.map((text) => [text]))('reads what the lexer of chevrotain reads', (text) => {
  expect(tokenize(text)).toEqual(byChevrotain(text));
});

it('reads so whatever the text', () => {
  const pieces = fc.oneof(
    fc.constantFrom(...tokens.map(textOf).filter((text) => /^[^\\[(]+$/.test(text))),
    fc.constantFrom(
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\t',
      '"',
      "'",
      '"a\\"b"',
      '//x',
      '///',
      '12.5e-3',
      '1_0',
      '7x',
      '.',
    ),
    fc.constantFrom('inp', 'inputs', 'ins', '_', 'a1', '§', '\u{1f600}', '\0', '@@', '\\', '\u2028'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const text = parts.join('');
      expect(tokenize(text)).toEqual(byChevrotain(text));
    }),
    { numRuns: 2000, seed: 1 },
  );
});
