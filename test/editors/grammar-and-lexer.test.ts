import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CstNode, IToken, TokenType } from 'chevrotain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { scopeOfToken } from '../../grammar/generate/textmate/tokens.ts';
import { netParser } from '../../grammar/parser.ts';
import { readTokens } from '../../grammar/read-tokens.ts';
import * as t from '../../grammar/tokens.ts';
import { tokenize } from '../../grammar/tokenize.ts';
import { inRepository } from '../support/repository.ts';
import { loadGrammar, scopesOf, type Scoped } from '../support/textmate.ts';
import { problems } from '../compiler/syntax/reading.ts';
import { netFences } from './net-fences.ts';

/** The files below a folder of the repository whose names end so. */
function files(folder: string, ending: string): readonly string[] {
  return readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path))
    .toSorted();
}

const sources: readonly (readonly [string, string])[] = [
  ...['models', 'test/cases/ok', 'cli/init']
    .flatMap((folder) => files(folder, '.net'))
    .map((path) => [path, readFileSync(inRepository(path), 'utf8')] as const),
  ...['README.md', 'CONTRIBUTING.md', ...files('docs', '.md')].flatMap((path) =>
    netFences(readFileSync(inRepository(path), 'utf8'))
      .map(asFile)
      .map((text, i) => [`${path}, source ${i}`, text] as const),
  ),
];

/** A piece of a body becomes a file, so that the parser can tell what its words mean. */
function asFile(text: string): string {
  return /^(?:language|import|block|loss|model|train|labels)\b/m.test(text)
    ? text
    : `model Around() {\n${text}\n}\n`;
}

/** What the parser took each word of its tree for, by the word's place: a name, or a word of the language. */
function roles(text: string): ReadonlyMap<number, 'word' | 'name' | 'type' | 'setting'> {
  const found = new Map<number, 'word' | 'name' | 'type' | 'setting'>();
  const visit = (node: CstNode): void => {
    for (const [label, parts] of Object.entries(node.children)) {
      for (const part of parts) {
        if ('children' in part) visit(part);
        else found.set(part.startOffset, roleOf(part, label, node.name));
      }
    }
  };
  const parser = netParser();
  parser.input = [...readTokens(text).tokens];
  visit(parser.file());
  return found;
}

function roleOf(
  { tokenType, image }: IToken,
  label: string,
  rule: string,
): 'word' | 'name' | 'type' | 'setting' {
  if (label === 'plain' || label === 'dtype') return 'type';
  if (rule === 'setting' && label === 'name') return 'setting';
  if (t.reservedWords.includes(image)) return 'word';
  // The labels that the grammar gives to words; any other label of a word is that of a name.
  return label === tokenType.name || label === 'flavour' || label === 'role' ? 'word' : 'name';
}

/** What is wrong with the scopes of one token; undefined where they agree with the lexer and the parser. */
function disagreement(
  token: IToken,
  scopes: readonly string[],
  role: string | undefined,
): string | undefined {
  const wanted = wantedScope(token.tokenType, token.image, role);
  if (wanted === undefined || scopes.some((scope) => wanted.test(scope))) {
    const other = isName(token.tokenType, role) ? scopes.find((scope) => notOfNames.test(scope)) : undefined;
    return other === undefined ? undefined : `the name ${token.image} is ${other}`;
  }
  return `${token.tokenType.name} ${token.image} (${role ?? 'no role'}) is ${scopes.join(' ')}`;
}

const notOfNames = /^(keyword|comment|string|constant\.(numeric|language|character)|punctuation|invalid)\b/;

function isName(type: TokenType, role: string | undefined): boolean {
  return role === 'name' && (type === t.Identifier || t.contextualWords.includes(t.textOf(type)));
}

function wantedScope(type: TokenType, image: string, role: string | undefined): RegExp | undefined {
  const fixed = scopeOfToken(type);
  if (fixed !== undefined) return new RegExp(`^${fixed.replaceAll('.', '\\.')}\\.net$`);
  if (type === t.NumberToken) return /^constant\.numeric\.net$/;
  if (type === t.StringToken) return /^string\.quoted\.double\.net$/;
  if (type === t.CommentToken) {
    return image.startsWith('///') ? /^comment\.line\.documentation/ : /^comment\.line\.double-slash/;
  }
  if (/^\W$/.test(image)) return /^punctuation\.section\./;
  // What the parser has given up on has no meaning that the grammar could miss.
  if (role === undefined) return undefined;
  if (role === 'type') return /^storage\.type/;
  if (role === 'setting') return /^keyword\.other\.setting/;
  if (role === 'word') return /^(keyword|storage)\./;
  return /^(entity|variable|support)\./;
}

function disagreements(grammar: IGrammar, text: string): readonly string[] {
  const scoped = scopesOf(grammar, text);
  const { tokens, comments } = tokenize(text);
  const all = [...tokens, ...comments].filter(({ tokenType }) => tokenType !== t.Newline);
  const role = roles(text);
  return all.flatMap((token) => {
    const parts = covering(scoped, token);
    const line = text.slice(0, token.startOffset).split('\n').length;
    const problems = parts.map(({ scopes }) => disagreement(token, scopes, role.get(token.startOffset)));
    return [...new Set(problems)].flatMap((problem) =>
      problem === undefined ? [] : [`${line}: ${problem}`],
    );
  });
}

function covering(scoped: readonly Scoped[], token: IToken): readonly Scoped[] {
  const end = token.startOffset + token.image.length;
  return scoped.filter((part) => part.start < end && part.end > token.startOffset);
}

describe('the TextMate grammar', () => {
  let grammar: IGrammar;
  beforeAll(async () => {
    grammar = await loadGrammar('source.net');
  });

  it.each(sources)('agrees with lexer and parser on every token of %s', (_name, text) => {
    expect(disagreements(grammar, text)).toEqual([]);
  });

  it('was shown every word of the language in its own meaning', () => {
    const seen = new Set<string>();
    for (const [, text] of sources) {
      const role = roles(text);
      for (const { startOffset, image } of tokenize(text).tokens) {
        if (role.get(startOffset) === 'word') seen.add(image);
      }
    }
    expect([...t.reservedWords, ...t.contextualWords].filter((word) => !seen.has(word))).toEqual([]);
  });

  it.each(t.contextualWords)('leaves `%s` to the user where it is a name', (word) => {
    const text = `language 1
import { ${word} } from "./a.net"
import { A as ${word} } from "./b.net"

block F(${word}: int = 2)(x: [N, ${word}, H: 2 * ${word}]) -> [N, ${word}]
  where ${word} >= 1, 2 * ${word} == 4
{
  ${word} = x |> linear(${word} -> D: ${word})
  y = ${word} + relu(${word}) * 2
  (${word}, z) = G(${word}: 3, to: ${word})(${word}, ${word})[${word}]
  for ${word} in [${word}] {
    y = y |> ${word} |> ${word}(${word})
  }
  if ${word} > 1 {
    y = -${word}
  }
  return mean(y, over: [${word}, H]) |> pad(over: [${word}: 1])
}

model M(${word}: labels) {
  input ${word}: [N, ${word}: 3]
  param ${word}: [${word}] = ones
  output ${word}
  output y = ${word} labels ${word}
}

train M {
  target ${word}: [N]
  weight ${word}: [N]
  batch ${word}
}
`;
    expect(problems(text)).toEqual([]);
    expect(disagreements(grammar, text)).toEqual([]);
  });
});
