import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTokens } from '../../grammar/read-tokens.ts';
import { formatNet } from '../../src/fmt/format.ts';
import { programs } from '../compiler/promise/program/random-program.ts';
import { meaning, read } from '../compiler/syntax/reading.ts';
import { insertions, isFaultless, kinds, litter, scatter } from './scatter.ts';
import { sources } from './sources.ts';

/** The tokens but for commas, which come and go at the ends of lists, and each comment with the number of tokens before it. */
function reading(text: string) {
  const { tokens, comments } = readTokens(text);
  const code = tokens.filter(({ image }) => image !== '' && image !== ',');
  return {
    code: code.map(({ image }) => image),
    comments: comments.map(({ image, startOffset }) => ({
      text: image.trimEnd(),
      before: code.filter((token) => token.startOffset < startOffset).length,
    })),
  };
}

/**
 * What is promised of every text: it means the same, its tokens are the same, each of its comments stands between the
 * same two tokens, in the same order; and to format it once more changes nothing.
 */
async function expectKept(text: string, printWidth: number): Promise<void> {
  const formatted = await formatNet(text, { printWidth });
  const old = reading(text);
  const now = reading(formatted);
  expect(now.code).toEqual(old.code);
  expect(now.comments).toEqual(old.comments);
  const again = read(formatted);
  expect(again.diagnostics).toEqual([]);
  expect(meaning(again.unit)).toBe(meaning(read(text).unit));
  expect(await formatNet(formatted, { printWidth })).toBe(formatted);
}

const widths = fc.constantFrom(20, 60, 110);

describe('comments at random places', () => {
  it('stay there in the sources of the repository', async () => {
    const given = fc.constantFrom(...sources().values());
    await fc.assert(
      fc.asyncProperty(given, insertions, widths, (text, inserted, width) =>
        expectKept(scatter(text, inserted), width),
      ),
      { seed: 4, numRuns: 100 },
    );
  });

  it('stay there in random programs', async () => {
    const sourcesOf = programs.map((program) => program.source());
    await fc.assert(
      fc.asyncProperty(sourcesOf, insertions, widths, (text, inserted, width) =>
        expectKept(scatter(text, inserted), width),
      ),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('comments at every place of a source with every construct', () => {
  const text = sources().get('test/grammar/corpus/everything.net') ?? '';

  it.each(kinds)('stay there: %s', async (kind) => {
    const littered = litter(text, kind);
    expect(isFaultless(littered)).toBe(true);
    expect(littered.length).toBeGreaterThan(2 * text.length);
    for (const width of [1, 110]) await expectKept(littered, width);
  });
});
