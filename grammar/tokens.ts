import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The tokens, in the order in which the lexer tries them. Only the ten words of {@link reserved} are taken from
 * the user; every other word of the language (`loss`, `weight`, `labels`, ...) belongs to the category
 * {@link Name} and remains a name wherever the grammar expects one.
 *
 * Blank space and comments never reach the parser; {@link Newline} reaches the filters of this folder, which turn it
 * into {@link Terminator} where it ends a statement.
 */

function category(name: string, label: string): TokenType {
  return createToken({ name, label, pattern: Lexer.NA });
}

/** Any word that may name something: an identifier or a contextual word. */
export const Name = category('Name', 'a name');

export const Identifier = createToken({
  name: 'Identifier',
  label: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [Name],
  line_breaks: false,
});

const reserved: TokenType[] = [];
const contextual: TokenType[] = [];
const symbols: TokenType[] = [];

function word(name: string, text: string, categories: TokenType[] = []): TokenType {
  const token = createToken({
    name,
    label: `\`${text}\``,
    pattern: text,
    longer_alt: Identifier,
    categories,
    line_breaks: false,
  });
  (categories.includes(Name) ? contextual : reserved).push(token);
  return token;
}

function symbol(name: string, text: string, categories: TokenType[] = []): TokenType {
  const token = createToken({ name, label: `\`${text}\``, pattern: text, categories, line_breaks: false });
  symbols.push(token);
  return token;
}

/** The operators with two operands, whose precedence is in `precedence.ts`. */
export const InfixOperator = category('InfixOperator', 'an operator');
export const PrefixOperator = category('PrefixOperator', '`-` or `not`');

// Reserved words.
export const True = word('True', 'true');
export const False = word('False', 'false');
export const And = word('And', 'and', [InfixOperator]);
export const Or = word('Or', 'or', [InfixOperator]);
export const Not = word('Not', 'not', [PrefixOperator]);
export const For = word('For', 'for');
export const If = word('If', 'if');
export const Else = word('Else', 'else');
export const Return = word('Return', 'return');
export const Assert = word('Assert', 'assert');

/** The words that begin a declaration. */
export const DeclarationWord = category('DeclarationWord', 'a declaration');

// Contextual words.
export const Language = word('Language', 'language', [Name, DeclarationWord]);
export const Import = word('Import', 'import', [Name, DeclarationWord]);
export const Labels = word('Labels', 'labels', [Name, DeclarationWord]);
export const Block = word('Block', 'block', [Name, DeclarationWord]);
export const Loss = word('Loss', 'loss', [Name, DeclarationWord]);
export const Model = word('Model', 'model', [Name, DeclarationWord]);
export const Train = word('Train', 'train', [Name, DeclarationWord]);
export const From = word('From', 'from', [Name]);
export const As = word('As', 'as', [Name]);
export const In = word('In', 'in', [Name]);
export const Where = word('Where', 'where', [Name]);
export const Param = word('Param', 'param', [Name]);
export const Input = word('Input', 'input', [Name]);
export const Output = word('Output', 'output', [Name]);
export const Target = word('Target', 'target', [Name]);
export const Weight = word('Weight', 'weight', [Name]);

// Symbols: what is a prefix of another stands after it.
export const Ellipsis = symbol('Ellipsis', '...');
export const Range = symbol('Range', '..');
export const Arrow = symbol('Arrow', '->');
export const Pipe = symbol('Pipe', '|>', [InfixOperator]);
export const EqualTo = symbol('EqualTo', '==', [InfixOperator]);
export const NotEqualTo = symbol('NotEqualTo', '!=', [InfixOperator]);
export const LessOrEqual = symbol('LessOrEqual', '<=', [InfixOperator]);
export const GreaterOrEqual = symbol('GreaterOrEqual', '>=', [InfixOperator]);
export const Less = symbol('Less', '<', [InfixOperator]);
export const Greater = symbol('Greater', '>', [InfixOperator]);
export const Append = symbol('Append', '++', [InfixOperator]);
export const Plus = symbol('Plus', '+', [InfixOperator]);
export const Minus = symbol('Minus', '-', [InfixOperator, PrefixOperator]);
export const Times = symbol('Times', '*', [InfixOperator]);
export const Divide = symbol('Divide', '/', [InfixOperator]);
export const Remainder = symbol('Remainder', '%', [InfixOperator]);
export const Equals = symbol('Equals', '=');
export const Colon = symbol('Colon', ':');
export const Comma = symbol('Comma', ',');
export const LParen = symbol('LParen', '(');
export const RParen = symbol('RParen', ')');
export const LSquare = symbol('LSquare', '[');
export const RSquare = symbol('RSquare', ']');
export const LCurly = symbol('LCurly', '{');
export const RCurly = symbol('RCurly', '}');

/** What ends a list of items; the requirements of a declaration end with its `{`. */
export const closing: ReadonlySet<TokenType> = new Set([RParen, RSquare, RCurly, LCurly]);

/** Takes in what follows a number without a gap, so that `12abc` is one malformed literal and not two tokens. */
export const NumberToken = createToken({
  name: 'Number',
  label: 'a number',
  pattern: /\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?\w*/,
  line_breaks: false,
});

export const StringToken = createToken({
  name: 'String',
  label: 'a string',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/,
  line_breaks: false,
});

export const Newline = createToken({ name: 'Newline', pattern: /\r?\n/, line_breaks: true });

/** The end of a statement or declaration; made by `newlines.ts`. */
export const Terminator = category('Terminator', 'the end of the line');

export const Blank = createToken({
  name: 'Blank',
  pattern: /(?:[ \t]|\r(?!\n))+/,
  group: Lexer.SKIPPED,
  line_breaks: false,
});

/** Comments and `///` documentation; the lexer hands them out apart from the tokens. */
export const CommentToken = createToken({
  name: 'Comment',
  pattern: /\/\/[^\n\r]*/,
  group: 'comments',
  line_breaks: false,
});

const meanings = new Map<TokenType, TokenType>();

function habit(name: string, pattern: string | RegExp, meant: TokenType): TokenType {
  const token = createToken({ name, pattern, line_breaks: false });
  meanings.set(token, meant);
  return token;
}

// What people write out of habit from other languages; each is reported and read as what was meant.
export const UnterminatedString = habit('UnterminatedString', /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/, StringToken);
export const SingleQuoted = habit('SingleQuoted', /'(?:[^'\\\r\n]|\\[^\r\n])*'/, StringToken);
export const Semicolon = habit('Semicolon', ';', Newline);
export const HashComment = habit('HashComment', /#[^\r\n]*/, Newline);
export const Ampersands = habit('Ampersands', '&&', And);
export const Bars = habit('Bars', '||', Or);
export const Bang = habit('Bang', '!', Not);
export const FatArrow = habit('FatArrow', '=>', Arrow);

/** What each token written out of habit stands for. */
export const habits: ReadonlyMap<TokenType, TokenType> = meanings;

export const reservedWords: readonly string[] = reserved.map(textOf);
export const contextualWords: readonly string[] = contextual.map(textOf);

/** What a token is made of: its text, or the source of its regular expression. */
export function textOf(token: TokenType): string {
  const { PATTERN: pattern } = token;
  if (pattern instanceof RegExp) return pattern.source;
  return typeof pattern === 'string' ? pattern : '';
}

export const tokens: readonly TokenType[] = [
  Blank,
  Newline,
  CommentToken,
  StringToken,
  UnterminatedString,
  SingleQuoted,
  HashComment,
  Semicolon,
  Ampersands,
  Bars,
  FatArrow,
  NumberToken,
  // Longer words first: `in` must not try itself on `input`, as its alternative is `Identifier`.
  ...[...reserved, ...contextual].sort((a, b) => textOf(b).length - textOf(a).length),
  Identifier,
  ...symbols,
  Bang, // after `!=`
  Name,
  InfixOperator,
  PrefixOperator,
  DeclarationWord,
  Terminator,
];
