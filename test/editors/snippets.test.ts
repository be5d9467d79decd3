import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { formatNet } from '../../src/fmt/format.ts';
import { complaints, inRepository, repositoryReader } from '../support/repository.ts';

const snippets: Readonly<Record<string, { readonly prefix: string; readonly body: readonly string[] }>> =
  JSON.parse(readFileSync(inRepository('editors/vscode/snippets/net.json'), 'utf8'));

/** What is in the file of a user who goes from place to place and leaves what is there, or takes another of the choices. */
function filled(text: string): readonly string[] {
  const [place, options] = /\$\{\d+\|([^|]*)\|\}/.exec(text) ?? [];
  if (place !== undefined && options !== undefined) {
    return options.split(',').flatMap((option) => filled(text.replace(place, option)));
  }
  const left = new Map([...text.matchAll(/\$\{(\d+):([^}]*)\}/g)].map((match) => [match[1], match[2]]));
  return [text.replace(/\$\{(\d+)(?::[^}]*)?\}|\$0/g, (_place, number?: string) => left.get(number) ?? '')];
}

function textsOf(name: string): readonly string[] {
  return filled(snippets[name]?.body.join('\n') ?? '');
}

/** The only text of a snippet without choices. */
function sole(name: string): string {
  const [text = ''] = textsOf(name);
  return text.trim();
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** Where a snippet belongs; the names that it does not bring itself are those of the other snippets. */
const places: Readonly<Record<string, (text: string) => string>> = {
  'Source file': (text) => `${text.trim()}\n\n${sole('Block')}\n`,
  Import: (text) =>
    `language 1\n${text}\n\nblock F()(x: [N, C, H, W]) -> [N, C, H, W] {\n  return x |> ConvBnRelu(C)\n}\n`,
  Labels: (text) => `language 1\n\n${text}\n\n${sole('Model').replace('int = 2', 'labels = Classes')}\n`,
  Block: (text) => `language 1\n\n${text}\n`,
  Loss: (text) => `language 1\n\n${text}\n`,
  Model: (text) => `language 1\n\n${text}\n`,
  'Image model': (text) => `language 1\n\n${text}\n`,
  Train: (text) => `language 1\n\n${sole('Loss')}\n\n${sole('Model')}\n\n${text}\n`,
  Loop: (text) => `language 1\n\nblock F()(x: [N, C]) -> [N, C] {\n${indented(text)}\n  return x\n}\n`,
  Branch: (text) =>
    `language 1\n\nblock F(to: int)(x: [N, C]) -> [N, C: to] {\n${indented(text)}\n  return y\n}\n`,
  Parameter: (text) =>
    `language 1\n\nblock F()(x: [N, C]) -> [N, C] {\n${indented(text)}\n  return x * scale\n}\n`,
};

describe.each(Object.keys(snippets))('the snippet %s', (name) => {
  const programs = textsOf(name).map((text) => places[name]?.(text) ?? '');

  it.each(programs)('compiles as it comes: %#', (program) => {
    const compilation = compile('models/new.net', {
      reader: repositoryReader({ 'models/new.net': program }),
    });
    expect(complaints(compilation)).toEqual([]);
  });

  it.each(programs)('is in the one format: %#', async (program) => {
    expect(await formatNet(program)).toBe(program);
  });
});

it('are all named in the documentation', () => {
  const documented =
    /Snippets: ([^]*?)\.\n/.exec(readFileSync(inRepository('docs/editors.md'), 'utf8'))?.[1] ?? '';
  const names = [...documented.matchAll(/`(\w+)`/g)].map((match) => match[1]);
  expect(names).toEqual(Object.values(snippets).map(({ prefix }) => prefix));
});
