import { EOF, type IToken, type TokenType } from 'chevrotain';
import { netParser } from '../parser.ts';
import { tokens } from '../tokens.ts';

/** What chevrotain made of one choice of the grammar: an alternative by its number, or whether to go in at all. */
type Lookahead = (this: { readonly LA_FAST: (ahead: number) => IToken }) => number | boolean | undefined;

/**
 * What decides each choice that the parser makes, by its rule and method, as in `declarationLine: OPTION`: the tokens with
 * which what is optional begins, or each alternative. A token together with the one behind it, `Name+Colon`, goes before
 * `Name`. Every choice is put to the test with every two tokens that may come next; how chevrotain decides need not be
 * known for it.
 */
export function lookaheads(): ReadonlyMap<string, readonly string[]> {
  return new Map(choices().map(({ place, decide }) => [place, spelled(decide)]));
}

interface Choice {
  /** The rule, and which choice of it. */
  readonly place: string;
  readonly decide: Lookahead;
}

/** The choices of the grammar, from where chevrotain keeps them; its types do not tell of it. */
function choices(): readonly Choice[] {
  const parser = netParser();
  const functions = Reflect.get(parser, 'lookAheadFuncsCache') as ReadonlyMap<number, Lookahead>;
  const rules = Reflect.get(parser, 'shortRuleNameToFull') as Readonly<Record<number, string>>;
  return [...functions].map(([key, decide]) => {
    // A key has 8 bits for the number in OPTION1, 4 for the method, the rest for the rule.
    const number = key & 0xff;
    const method = ['', 'OR', 'OPTION', 'MANY', 'AT_LEAST_ONE'][(key >> 8) & 0xf] ?? '';
    const rule = rules[key & ~0xfff] ?? '';
    return { place: `${rule}: ${method}${number === 0 ? '' : number}`, decide };
  });
}

/** One string for each alternative. */
function spelled(decide: Lookahead): readonly string[] {
  const alternatives: string[][] = [];
  const add = (alternative: number, words: readonly string[]) =>
    (alternatives[alternative] ??= []).push(...words);
  const decisions = new Map(terminals.map((first) => [first, decisionsAfter(decide, first)]));

  const usual = new Map(terminals.map((first) => [first, commonest(decisions.get(first) ?? [])]));
  for (const [alternative, firsts] of grouped(terminals, (first) => usual.get(first))) {
    if (alternative !== undefined) add(alternative, folded(firsts));
  }
  for (const alternative of new Set([...decisions.values()].flat())) {
    if (alternative === undefined) continue;
    const firstsOf = terminals.map((_, second) =>
      terminals.filter(
        (first) => usual.get(first) !== alternative && decisions.get(first)?.[second] === alternative,
      ),
    );
    for (const [firsts, seconds] of grouped(terminals, (_, second) =>
      folded(firstsOf[second] ?? []).join(' '),
    )) {
      if (firsts === '') continue;
      for (const first of firsts.split(' '))
        add(
          alternative,
          folded(seconds).map((second) => `${first}+${second}`),
        );
    }
  }
  return Array.from(alternatives, (words: readonly string[] | undefined) => (words ?? []).join(' '));
}

/** The alternative that most tokens behind the first lead to; undefined where some lead to none. */
function commonest(decisions: readonly (number | undefined)[]): number | undefined {
  const counts = grouped(decisions, (decision) => decision);
  if (counts.has(undefined)) return undefined;
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** What is decided where `first` and then each of the terminals comes; undefined where no alternative fits. */
function decisionsAfter(decide: Lookahead, first: TokenType): readonly (number | undefined)[] {
  return terminals.map((second) => {
    const decision = decide.call({ LA_FAST: (ahead) => tokenOf(ahead === 1 ? first : second) });
    if (typeof decision === 'boolean') return decision ? 0 : undefined;
    return decision;
  });
}

/** Every type that a token of a text can have, and the end. */
const terminals: readonly TokenType[] = [
  ...tokens.filter(({ categoryMatches = [] }) => categoryMatches.length === 0),
  EOF,
];

/** Categories, the larger first. */
const categories = tokens
  .filter(({ categoryMatches = [] }) => categoryMatches.length > 0)
  .sort((a, b) => membersOf(b).length - membersOf(a).length);

function membersOf(category: TokenType): readonly TokenType[] {
  return terminals.filter(({ tokenTypeIdx = -1 }) => category.categoryMatches?.includes(tokenTypeIdx));
}

/** The names of some types, of which those that make up a category are named by it. */
function folded(types: readonly TokenType[]): readonly string[] {
  const left = new Set(types);
  const names: string[] = [];
  for (const category of categories) {
    const members = membersOf(category);
    if (!members.every((member) => left.has(member))) continue;
    for (const member of members) left.delete(member);
    names.push(category.name);
  }
  return [...names, ...[...left].map(({ name }) => name)];
}

function grouped<T, Key>(items: readonly T[], keyOf: (item: T, at: number) => Key): ReadonlyMap<Key, T[]> {
  const groups = new Map<Key, T[]>();
  items.forEach((item, at) => {
    const key = keyOf(item, at);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  });
  return groups;
}

function tokenOf(type: TokenType): IToken {
  return { image: '', startOffset: 0, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? -1 };
}
