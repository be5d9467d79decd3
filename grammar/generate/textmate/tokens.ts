import type { TokenType } from 'chevrotain';
import * as t from '../../tokens.ts';
import { groups, literally, scope, scoped, whole, words, type Repository, type Rule } from './rule.ts';

const reservedScopes = new Map<TokenType, string>([
  [t.True, 'constant.language.boolean'],
  [t.False, 'constant.language.boolean'],
  [t.And, 'keyword.operator.logical'],
  [t.Or, 'keyword.operator.logical'],
  [t.Not, 'keyword.operator.logical'],
  [t.For, 'keyword.control.loop'],
  [t.If, 'keyword.control.conditional'],
  [t.Else, 'keyword.control.conditional'],
  [t.Return, 'keyword.control.flow'],
  [t.Assert, 'keyword.control.assert'],
]);

const symbolScopes = new Map<TokenType, string>([
  [t.Ellipsis, 'keyword.operator.rest'],
  [t.Range, 'keyword.operator.range'],
  [t.Arrow, 'keyword.operator.arrow'],
  [t.Pipe, 'keyword.operator.pipe'],
  [t.EqualTo, 'keyword.operator.comparison'],
  [t.NotEqualTo, 'keyword.operator.comparison'],
  [t.LessOrEqual, 'keyword.operator.comparison'],
  [t.GreaterOrEqual, 'keyword.operator.comparison'],
  [t.Less, 'keyword.operator.comparison'],
  [t.Greater, 'keyword.operator.comparison'],
  [t.Append, 'keyword.operator.append'],
  [t.Plus, 'keyword.operator.arithmetic'],
  [t.Minus, 'keyword.operator.arithmetic'],
  [t.Times, 'keyword.operator.arithmetic'],
  [t.Divide, 'keyword.operator.arithmetic'],
  [t.Remainder, 'keyword.operator.arithmetic'],
  [t.Equals, 'keyword.operator.assignment'],
  [t.Colon, 'punctuation.separator.colon'],
  [t.Comma, 'punctuation.separator.comma'],
]);

const brackets = new Set<TokenType>([t.LParen, t.RParen, t.LSquare, t.RSquare, t.LCurly, t.RCurly]);

/** The scope of a token that means the same everywhere; undefined for names, brackets, literals and comments. */
export function scopeOfToken(token: TokenType): string | undefined {
  if (t.habits.has(token)) return 'invalid.illegal';
  return reservedScopes.get(token) ?? symbolScopes.get(token);
}

/** Reserved words and symbols, and those of other languages, in the order in which the lexer tries them. */
function fixed(): readonly Rule[] {
  return t.tokens.flatMap((token) => {
    const text = t.textOf(token);
    const isWord = t.reservedWords.includes(text);
    const isSymbol = typeof token.PATTERN === 'string' && /^\W+$/.test(text) && !brackets.has(token);
    const isHabit = t.habits.has(token) && token !== t.UnterminatedString;
    if (!isWord && !isSymbol && !isHabit) return [];
    const scopeName = scopeOfToken(token);
    if (scopeName === undefined) throw new Error(`the TextMate grammar has no scope for ${token.name}`);
    const pattern = token.PATTERN instanceof RegExp ? text : literally(text);
    return [scoped(isWord ? words([pattern]) : pattern, scopeName)];
  });
}

/** Comments, literals and what the lexer alone can tell. */
export function tokenRules(): Repository {
  return {
    comment: {
      patterns: [
        {
          name: scope('comment.line.documentation'),
          begin: '///',
          beginCaptures: whole('punctuation.definition.comment'),
          end: '$',
          patterns: [scoped('`[^`]*`', 'markup.inline.raw')],
        },
        {
          name: scope('comment.line.double-slash'),
          match: '(//).*',
          captures: groups('punctuation.definition.comment'),
        },
      ],
    },
    // A string that is not closed ends with its line, as in the lexer.
    string: {
      name: scope('string.quoted.double'),
      begin: '"',
      beginCaptures: whole('punctuation.definition.string.begin'),
      end: '(")|$',
      endCaptures: groups('punctuation.definition.string.end'),
      patterns: [
        scoped('\\\\(?:["\\\\nrt]|u\\{[0-9A-Fa-f]{1,6}\\})', 'constant.character.escape'),
        scoped('\\\\.', 'invalid.illegal.escape'),
      ],
    },
    number: scoped(`\\b${t.textOf(t.NumberToken)}`, 'constant.numeric'),
    fixed: { patterns: fixed() },
  };
}
