import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEdits } from '../../src/fmt/format-edits.ts';
import { formatRange } from '../../src/fmt/format-range.ts';
import { formatNet } from '../../src/fmt/format.ts';
import { applyEdits } from '../../src/compiler/source/text-edit.ts';
import { insertions, scatter } from './scatter.ts';
import { sources } from './sources.ts';

/** The text after a range, marked by `<<` and `>>`, is formatted. */
async function ranged(marked: string): Promise<string> {
  const start = marked.indexOf('<<');
  const end = marked.indexOf('>>') - 2;
  const text = marked.replace('<<', '').replace('>>', '');
  return applyEdits(text, await formatRange(text, start, end));
}

const head = 'language 1\nblock  F( )(x:[N])->[N] {\n';

describe('formatRange', () => {
  it.each([
    ['a statement', 'a=1\n b =<<2>>\nc=3\n}', 'a=1\n  b = 2\nc=3\n}'],
    ['a line end alone', 'a=1 <<\n>>b=2\n}', '  a = 1\nb=2\n}'],
    ['several statements', 'a=1\nb=<<2\nc>>=3\nd=4\n}', 'a=1\n  b = 2\n  c = 3\nd=4\n}'],
    ['a statement of several lines', 'y=x\n|>f( a,\n<<b>>)\nz=y\n}', '  y = x |> f(a, b)\nz=y\n}'],
    ['what shares its line', 'for i in 0 ..n{a=<<1>>}\nb=2\n}', '  for i in 0..n {\n    a = 1\n  }\nb=2\n}'],
    ['a head', 'for i<< >>in 0 ..n{\na=1\n}\n}', '  for i in 0..n {\na=1\n}\n}'],
    ['a body', 'for i in 0 ..n{\n<<a=1>>\n}\n}', 'for i in 0 ..n{\n    a = 1\n}\n}'],
    [
      'its remarks',
      'a=1 // the first\n<< // the second\nb=2 // is this>>\nc=3\n}',
      'a=1 // the first\n  // the second\n  b = 2  // is this\nc=3\n}',
    ],
    ['blank lines in it', 'a=1\n<<\n\n\nb=2>>\nc=3\n}', 'a=1\n\n  b = 2\nc=3\n}'],
    ['no blank lines before it', 'a=1\n\n\n\n<<b=2>>\n\n\nc=3\n}', 'a=1\n\n\n\n  b = 2\n\n\nc=3\n}'],
    ['nothing', 'a=1\n<<\n>>\nb=2\n}', 'a=1\n\n\nb=2\n}'],
    ['the last line', 'a=1\n<<} >>', 'a=1\n}\n'],
  ])('formats %s', async (_name, body, expected) => {
    expect(await ranged(head + body)).toBe(head + expected);
  });

  it('keeps the line ends of the text', async () => {
    const text = 'language 1\r\nmodel M {\r\na=f(\r\nb)\r\nc=2\r\n}\r\n';
    const start = text.indexOf('a=');
    const edits = await formatRange(text, start, start);
    expect(applyEdits(text, edits)).toBe('language 1\r\nmodel M {\r\n  a = f(b)\r\nc=2\r\n}\r\n');
    expect(applyEdits(text, await formatEdits(text))).toBe(
      'language 1\r\n\r\nmodel M {\r\n  a = f(b)\r\n  c = 2\r\n}\r\n',
    );
  });

  it('does a part of what is to be done, and all of it where the range is the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources().values()),
        insertions,
        fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)),
        fc.constantFrom(20, 110),
        async (source, inserted, [a, b], printWidth) => {
          const text = scatter(source, inserted);
          const [start = 0, end = 0] = [a % text.length, b % text.length].sort((x, y) => x - y);
          const edits = await formatRange(text, start, end, { printWidth });
          const partly = applyEdits(text, edits);
          // What is left to do is what the range did not do.
          expect(await formatNet(partly, { printWidth })).toBe(await formatNet(text, { printWidth }));
          expect(applyEdits(text, await formatRange(text, 0, text.length, { printWidth }))).toBe(
            applyEdits(text, await formatEdits(text, { printWidth })),
          );
        },
      ),
      { seed: 6, numRuns: 60 },
    );
  });
});

describe('formatEdits', () => {
  it('make the text that formatNet returns, of white space and commas', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources().values()),
        insertions,
        fc.constantFrom(20, 110),
        async (source, inserted, printWidth) => {
          const text = scatter(source, inserted).replaceAll('\r\n', '\n');
          const edits = await formatEdits(text, { printWidth });
          expect(applyEdits(text, edits)).toBe(await formatNet(text, { printWidth }));
          for (const { start, end, text: space } of edits) {
            expect(`${text.slice(start, end)}${space}`).toMatch(/^[\s,]+$/);
          }
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  it('are none for a formatted text', async () => {
    for (const [path, text] of sources()) {
      if (path.startsWith('models/')) expect(await formatEdits(text)).toEqual([]);
    }
  });
});
