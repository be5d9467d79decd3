import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { inRepository } from '../support/repository.ts';
import { loadGrammar, scopesOf, type Scoped } from '../support/textmate.ts';
import { problems } from '../compiler/syntax/reading.ts';

/** One line for each stretch of a text: where it is, what it is, and its innermost scope without the language. */
function listing(text: string, scoped: readonly Scoped[]): string {
  return scoped
    .filter((part) => part.text.trim() !== '' && part.scopes.length > 1)
    .map((part) => {
      const before = text.slice(0, part.start).split('\n');
      const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
      return `${place.padEnd(7)}${part.text.trim().padEnd(24)} ${part.scopes.at(-1)?.replace(/\.net$/, '')}`;
    })
    .join('\n');
}

let grammar: IGrammar;
beforeAll(async () => {
  grammar = await loadGrammar('source.net');
});

it('gives a sample of the whole language the scopes that themes know', async () => {
  const text = readFileSync(inRepository('test/editors/sample.net'), 'utf8');
  const made = `${listing(text, scopesOf(grammar, text))}\n`;
  await expect(made).toMatchFileSnapshot('../golden/textmate/sample.txt');
});

it('ends with the next declaration what was left open', () => {
  const whole = 'block G()(x: [N]) -> [N] {\n  return relu(x)\n}';
  const alone = scopesOf(grammar, whole);
  const openings = [
    'block F(to: int',
    'block F()(x: [N, C: (1 + ',
    'block F()(x: [N]) -> [N]\n  where [1',
    'y = f(a, [b, c: (',
    'y = conv(C -> [',
    'import { A',
    'labels L = ["a",',
    'y = "a string',
    'model M() {\n  input x: [N,',
  ];
  for (const opening of openings) {
    const text = `${opening}\n${whole}`;
    const rest = scopesOf(grammar, text).filter(({ start }) => start > opening.length);
    const moved = rest.map((part) => ({
      ...part,
      start: part.start - opening.length - 1,
      end: part.end - opening.length - 1,
    }));
    expect(moved, opening).toEqual(alone);
  }
});

describe('escapes', () => {
  const characters = Array.from({ length: 95 }, (_, i) => String.fromCodePoint(32 + i));
  const escapes = [
    ...characters.map((c) => `\\${c}`),
    '\\u{41}',
    '\\u{1F600}',
    '\\u{}',
    '\\u{1234567}',
    '\\u0041',
  ];

  it('are those that the compiler takes', () => {
    const isValid = (escape: string) => problems(`language 1\nlabels L = ["${escape}."]\n`).length === 0;
    const isColoured = (escape: string) =>
      scopesOf(grammar, `"${escape}."`).some(
        ({ text, scopes }) => text === escape && scopes.includes('constant.character.escape.net'),
      );
    expect(escapes.filter(isColoured)).toEqual(escapes.filter(isValid));
  });
});
