import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cstTypes } from '../../grammar/generate/cst-types.ts';
import { ebnf } from '../../grammar/generate/ebnf.ts';
import { syntaxDiagrams } from '../../grammar/generate/syntax-reference.ts';
import { syntaxRules } from '../../grammar/generate/syntax.ts';
import { NetParser, netParser } from '../../grammar/parser.ts';
import { readTokens } from '../../grammar/read-tokens.ts';
import { contextualWords, reservedWords } from '../../grammar/tokens.ts';
import { problems } from '../compiler/syntax/reading.ts';

describe('the grammar', () => {
  it('is valid: no ambiguities but the intended, no left recursion, no unreachable alternatives', () => {
    expect(() => new NetParser({ skipValidations: false })).not.toThrow();
  });

  it('has the tree types that were generated from it', () => {
    expect(readFileSync('grammar/cst-types.ts', 'utf8')).toBe(cstTypes());
  });

  it('overrides methods that chevrotain still has', () => {
    const inherited: unknown = Object.getPrototypeOf(NetParser.prototype);
    const isMethod = (name: string) =>
      typeof inherited === 'object' &&
      inherited !== null &&
      typeof Reflect.get(inherited, name) === 'function';
    expect(
      ['findReSyncTokenType', 'reSyncTo', 'canTokenTypeBeInsertedInRecovery'].filter(isMethod),
    ).toHaveLength(3);
  });

  it('is printed without the rules for mistakes', () => {
    const rules = new Map(
      [...syntaxRules(netParser().getGAstProductions())].map(([name, syntax]) => [name, ebnf(syntax)]),
    );
    expect([...rules.values(), ...rules.keys()].filter((text) => text.includes('mistaken'))).toEqual([]);
    expect(rules.get('bind')).toBe('( NAME | "(" NAME ( "," NAME )* ","? ")" ) "=" expression');
    expect(rules.get('assertStmt')).toBe('"assert" expression');
  });

  it('has one list of words', () => {
    expect(reservedWords.filter((word) => contextualWords.includes(word))).toEqual([]);
    expect(reservedWords).toHaveLength(10);
  });
});

describe('the syntax reference', () => {
  const reference = readFileSync('docs/syntax.md', 'utf8');

  it('shows sources that parse', () => {
    const examples = [...reference.matchAll(/```net\n([^]*?)```/g)].map(([, text]) => text ?? '');
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.flatMap(problems)).toEqual([]);
  });

  it('has a diagram of each rule', () => {
    const diagrams = syntaxDiagrams();
    const shown = [...reference.matchAll(/!\[.*\]\((.*)\)/g)].map(([, path]) => path);
    expect(shown.sort()).toEqual([...diagrams.keys()].sort());
    for (const [path, text] of diagrams) expect(readFileSync(`docs/${path}`, 'utf8')).toBe(text);
  });

  it('draws a list as a loop through its comma, and shows every token', () => {
    const list = syntaxDiagrams().get('img/syntax/requirements.svg') ?? '';
    expect([...list.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
      'where',
      'expression',
      ',',
      ',',
    ]);
  });
});

/** The tokens that the parser is given, `;` for the ends of statements. */
function shown(text: string): string {
  return readTokens(text)
    .tokens.map((token) => (token.tokenType.name === 'Terminator' ? ';' : token.image || '?'))
    .join(' ');
}

describe('ends of statements', () => {
  it.each([
    ['labels L = []\nlabels M = []', 'labels L = [ ] ; labels M = [ ] ;'],
    ['labels L = [\n1,\n2\n]\n\n\n', 'labels L = [ 1 , 2 ] ;'],
    ['labels L =\n\n[]', 'labels L = [ ] ;'],
    ['labels L\n= []', 'labels L = [ ] ;'],
    ['import {\nA\n}\nfrom "a"', 'import { A } from "a" ;'],
    ['model M\n\n(a: int)\nwhere a\n{\nx = 1\n}', 'model M ( a : int ) where a { x = 1 ; } ;'],
    ['model M {}', 'model M { } ;'],
    ['model M { x = a\n|> f\ny = b }', 'model M { x = a |> f ; y = b ; } ;'],
    ['model M { x = a // c\n// d\n+ b }', 'model M { x = a + b ; } ;'],
    ['model M { if a\n{\nx = 1 }\nelse\n{ } }', 'model M { if a { x = 1 ; } else { } ; } ;'],
    ['model M { x = f\n(a, b) = g }', 'model M { x = f ; ( a , b ) = g ; } ;'],
    ['model M { output x = y\nlabels z }', 'model M { output x = y labels z ; } ;'],
    ['model M { x = y\nlabels = z }', 'model M { x = y ; labels = z ; } ;'],
    ['model M { output x\nlabels = z }', 'model M { output x ; labels = z ; } ;'],
    ['model M { output x = y }\nlabels L = []', 'model M { output x = y ; } ; labels L = [ ] ;'],
    ['model M { output x }\nlabels L = []', 'model M { output x ; } ; labels L = [ ] ;'],
    ['train M { labels labels\nlabels labels }', 'train M { labels labels ; labels labels ; } ;'],
    ['model M\nmodel N { }', 'model M ; model N { } ;'],
    ['model M { x = a; y = b }', 'model M { x = a ; y = b ; } ;'],
  ])('%j', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });
});

describe('brackets', () => {
  it.each([
    ['model M { x = f(a\ny = b }', 'model M { x = f ( a ? ; y = b ; } ;'],
    ['model M { x = f(a\nreturn b }', 'model M { x = f ( a ? ; return b ; } ;'],
    ['model M { x = [a }', 'model M { x = [ a ? ; } ;'],
    ['model M { if (a { x = 1 } }', 'model M { if ( a ? { x = 1 ; } ; } ;'],
    ['model M { x = (a]\n y = b }', 'model M { x = ( a ? ; y = b ; } ;'],
    ['model M { x = a) }', 'model M { x = a ; } ;'],
    ['model M { x = a\nmodel N { }', 'model M { x = a ; ? ; model N { } ;'],
    ['model M { for i in a { x = b', 'model M { for i in a { x = b ; ? ; ? ;'],
    ['import { A from "a"\nlabels L = []', 'import { A ? from "a" ; labels L = [ ] ;'],
    ['} labels L = []', 'labels L = [ ] ;'],
    // A hyper-parameter's type on the next line is no binding.
    ['block F(a:\nint = 4)() -> [] { }', 'block F ( a : int = 4 ) ( ) -> [ ] { } ;'],
  ])('%j', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });
});
