import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { inRepository } from '../support/repository.ts';
import { loadGrammar, scopesOf, type Scoped } from '../support/textmate.ts';
import { netFences } from './net-fences.ts';

/** A page as a renderer would make it: every stretch of code in a span whose classes are its innermost scope. */
function html(scoped: readonly Scoped[]): string {
  const escaped = (text: string): string =>
    text.replace(/[&<>]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : '&gt;'));
  return scoped
    .map(({ text, scopes: [, ...scopes] }) =>
      scopes.length === 0
        ? escaped(text)
        : `<span class="${scopes.at(-1)?.replaceAll('.', ' ')}">${escaped(text)}</span>`,
    )
    .join('');
}

/** Markdown with no rules of its own. */
const markdown = JSON.stringify({ scopeName: 'text.html.markdown', patterns: [] });

it('colours a fence of the documentation, given the grammar alone', async () => {
  const [source = ''] = netFences(readFileSync(inRepository('docs/language.md'), 'utf8'));
  const made = html(scopesOf(await loadGrammar('source.net'), source));
  expect(made).toContain('<span class="storage type model net">model</span>');
  expect(made).toContain('<span class="keyword operator pipe net">|&gt;</span>');
  expect(made).toContain('<span class="support function net">linear</span>');
  const plain = made
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  expect(plain).toBe(source.replaceAll('\n', ''));
});

it('is reached in VS Code from fences of Markdown, and left at their end', async () => {
  const grammar = await loadGrammar('text.html.markdown', { 'text.html.markdown': markdown });
  const page = [
    'language 1 is prose',
    '```net fragment',
    'y = x |> relu // ```',
    '```',
    'y = 1',
    '~~~~netc',
    'return y',
    '~~~~',
    '```network',
    'return y',
    '```',
  ];
  const scoped = scopesOf(grammar, page.join('\n'));
  const embedded = scoped.filter(({ scopes }) => scopes.includes('meta.embedded.block.net'));
  expect(embedded.map(({ text }) => text).join('')).toBe('y = x |> relu // ```return y');
  const innermost = (text: string) => embedded.find((part) => part.text === text)?.scopes.at(-1);
  expect(innermost('relu')).toBe('support.function.net');
  expect(innermost('return')).toBe('keyword.control.flow.net');
});

it('can be imported from the package', () => {
  const grammar: { readonly scopeName: string } = createRequire(import.meta.url)('netc/net.tmLanguage.json');
  expect(grammar.scopeName).toBe('source.net');
});
