import { expect, test } from 'vitest';
import { renderMarkdown } from '../../../cli/explain/render-markdown.ts';

const page = [
  '# N0001: an `odd` page',
  '',
  'A paragraph of **some** words, that name `relu` and',
  'lead [to a page](../language.md) or [out](https://example.org).<br> <!-- nobody reads this -->',
  '',
  '- an item that is long enough to need',
  '  a second line',
  '- another',
  '',
  '| code  | means   |',
  '| ----- | ------- |',
  '| `one` | a thing |',
  '',
  '```net',
  'language 1',
  '',
  '# no heading, \u001b[31m',
  '```',
].join('\n');

test('sets headings off and wraps text, without colours where none are wanted', () => {
  expect(renderMarkdown(page, { columns: 40, colour: false })).toMatchInlineSnapshot(`
    "N0001: an \`odd\` page
    ====================

    A paragraph of some words, that name
    \`relu\` and lead to a page or out
    (https://example.org).

    - an item that is long enough to need a
      second line
    - another

    code   means
    -----  -------
    \`one\`  a thing

        language 1

        # no heading, ␛[31m"
  `);
});

test('colours code and strong words at a terminal', () => {
  const text = renderMarkdown(page, { columns: 200, colour: true });
  expect(text).toContain('\u001b[1mN0001: an `odd` page\u001b[0m\n\nA');
  expect(text).toContain('of \u001b[1msome\u001b[0m words, that name \u001b[36mrelu\u001b[0m and lead');
});

test('is as wide as can be read, and no narrower than a long word', () => {
  const words = 'word '.repeat(60);
  const longest = (columns: number, text: string): number =>
    Math.max(
      ...renderMarkdown(text, { columns, colour: false })
        .split('\n')
        .map((line) => line.length),
    );
  expect(longest(500, words)).toBeLessThanOrEqual(100);
  expect(longest(500, words)).toBeGreaterThan(90);
  expect(longest(30, words)).toBeLessThanOrEqual(30);
  expect(longest(30, `a ${'b'.repeat(50)} c`)).toBe(50);
});
