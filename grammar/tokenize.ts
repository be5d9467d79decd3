import type { IToken, TokenType } from 'chevrotain';
import { Blank, CommentToken, Identifier, tokens } from './tokens.ts';

export interface Tokenized {
  readonly tokens: readonly IToken[];
  /** Comments and `///` documentation. */
  readonly comments: readonly IToken[];
  readonly unexpected: readonly Unexpected[];
}

/** Characters with which no token begins. */
export interface Unexpected {
  readonly offset: number;
  readonly length: number;
}

/**
 * Text to tokens, by one regular expression that is made of the patterns of `tokens.ts`. It is what chevrotain's lexer
 * would do (a test compares them), which needs longer to build its tables than to read a file.
 */
export function tokenize(text: string): Tokenized {
  const { pattern, byText, byGroup } = matcher();
  const found: IToken[] = [];
  const comments: IToken[] = [];
  const unexpected: Unexpected[] = [];
  let stuck: number | undefined;
  for (let offset = 0; offset < text.length;) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match === null) {
      stuck ??= offset;
      offset++;
      continue;
    }
    if (stuck !== undefined) unexpected.push({ offset: stuck, length: offset - stuck });
    stuck = undefined;
    const [image] = match;
    const type = byText.get(image) ?? byGroup[matchedGroup(match)] ?? Identifier;
    if (type === CommentToken) comments.push(tokenOf(type, image, offset));
    else if (type !== Blank) found.push(tokenOf(type, image, offset));
    offset += image.length;
  }
  if (stuck !== undefined) unexpected.push({ offset: stuck, length: text.length - stuck });
  return { tokens: found, comments, unexpected };
}

interface Matcher {
  readonly pattern: RegExp;
  /** Words and symbols. */
  readonly byText: ReadonlyMap<string, TokenType>;
  /** Types with a regular expression, each a group of the pattern. */
  readonly byGroup: readonly TokenType[];
}

let made: Matcher | undefined;

function matcher(): Matcher {
  made ??= makeMatcher();
  return made;
}

function makeMatcher(): Matcher {
  const byText = new Map<string, TokenType>();
  const byGroup: TokenType[] = [];
  const alternatives: string[] = [];
  const add = (type: TokenType): void => {
    if (type.PATTERN instanceof RegExp) {
      byGroup.push(type);
      alternatives.push(`(${type.PATTERN.source})`);
    } else if (typeof type.PATTERN === 'string') {
      byText.set(type.PATTERN, type);
      // Words are identifiers until they are looked up.
      if (type.LONGER_ALT !== Identifier) alternatives.push(escaped(type.PATTERN));
    }
  };
  // First what is most frequent: no other token begins with a letter.
  add(Identifier);
  for (const type of tokens) if (type !== Identifier) add(type);
  return { pattern: new RegExp(alternatives.join('|'), 'y'), byText, byGroup };
}

function escaped(text: string): string {
  return text.replace(/[^\w]/g, '\\$&');
}

function matchedGroup(match: RegExpExecArray): number {
  let group = 1;
  while (group < match.length && match[group] === undefined) group++;
  return group - 1;
}

function tokenOf(type: TokenType, image: string, offset: number): IToken {
  return {
    image,
    startOffset: offset,
    endOffset: offset + image.length - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? -1,
  };
}
