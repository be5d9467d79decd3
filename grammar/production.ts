import { EOF, type TokenType } from 'chevrotain';
import { tokens } from './tokens.ts';

/** A part of a rule, with what decides where there is a choice. */
export type Production =
  | { readonly kind: 'token'; readonly types: readonly number[]; readonly label: string }
  | { readonly kind: 'rule'; readonly name: string; readonly label: string }
  | { readonly kind: 'choice'; readonly lookahead: Lookahead; readonly alternatives: readonly Sequence[] }
  | {
      readonly kind: 'optional' | 'many' | 'atLeastOne';
      readonly lookahead: Lookahead;
      readonly body: Sequence;
    }
  /** One or more with commas between, and perhaps one after the last. */
  | { readonly kind: 'items'; readonly item: Production };

export type Sequence = readonly Production[];

/**
 * How a choice falls: the number of the alternative to take, by the types of the tokens that come next. Types are told
 * apart by chevrotain's `tokenTypeIdx`.
 */
export interface Lookahead {
  /** Where the second token decides: by the first, then the second. */
  readonly byBoth: ReadonlyMap<number, readonly number[]>;
  /** Everywhere else. */
  readonly byFirst: readonly number[];
}

// What `rule-table.ts` is written in.

export function token(type: string, label = type): Production {
  return { kind: 'token', types: membersOf(type), label };
}

export function rule(name: string, label = name): Production {
  return { kind: 'rule', name, label };
}

/** Each alternative behind the tokens with which it begins. */
export function choice(...alternatives: readonly (readonly [string, ...Sequence])[]): Production {
  const lookahead = readLookahead(alternatives.map(([words]) => words));
  return { kind: 'choice', lookahead, alternatives: alternatives.map(([, ...parts]) => parts) };
}

export function optional(words: string, ...body: Sequence): Production {
  return { kind: 'optional', lookahead: readLookahead([words]), body };
}

export function many(words: string, ...body: Sequence): Production {
  return { kind: 'many', lookahead: readLookahead([words]), body };
}

export function atLeastOne(words: string, ...body: Sequence): Production {
  return { kind: 'atLeastOne', lookahead: readLookahead([words]), body };
}

export function items(item: Production): Production {
  return { kind: 'items', item };
}

/** Reads the tokens of each alternative; a category stands for all its members, and `Name+Colon` goes before `Name`. */
function readLookahead(alternatives: readonly string[]): Lookahead {
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
