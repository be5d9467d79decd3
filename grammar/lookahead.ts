import { EOF, type TokenType } from 'chevrotain';
import { tokens } from './tokens.ts';

/** How a choice of the grammar falls: the number of the alternative to take, by the types of the tokens that come next. */
export interface Lookahead {
  /** Where the second token decides: by the first, then the second. */
  readonly byBoth: ReadonlyMap<number, readonly number[]>;
  /** Everywhere else. */
  readonly byFirst: readonly number[];
}

/**
 * Reads a line of `lookahead-table.ts`. Tokens are told apart by chevrotain's `tokenTypeIdx`; a category stands for all
 * its members.
 */
export function readLookahead(alternatives: readonly string[]): Lookahead {
  const byFirst: number[] = [];
  const byBoth = new Map<number, number[]>();
  alternatives.forEach((words, alternative) => {
    for (const word of words.split(' ')) {
      const [first = '', second] = word.split('+');
      for (const one of membersOf(first)) {
        if (second === undefined) byFirst[one] = alternative;
        else for (const two of membersOf(second)) alternativesAfter(one)[two] = alternative;
      }
    }
  });
  return { byBoth, byFirst };

  function alternativesAfter(first: number): number[] {
    let bySecond = byBoth.get(first);
    if (bySecond === undefined) byBoth.set(first, (bySecond = []));
    return bySecond;
  }
}

function membersOf(name: string): readonly number[] {
  const type = typesByName().get(name);
  if (type?.tokenTypeIdx === undefined) throw new Error(`the grammar has no token ${name}`);
  const { tokenTypeIdx, categoryMatches = [] } = type;
  return categoryMatches.length > 0 ? categoryMatches : [tokenTypeIdx];
}

let types: ReadonlyMap<string, TokenType> | undefined;

function typesByName(): ReadonlyMap<string, TokenType> {
  types ??= new Map([...tokens, EOF].map((type) => [type.name, type]));
  return types;
}
