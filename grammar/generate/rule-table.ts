import {
  Alternation,
  Alternative,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  Terminal,
  type Rule,
} from 'chevrotain';
import { netParser } from '../parser.ts';
import { Comma } from '../tokens.ts';
import { lookaheads } from './lookaheads.ts';

type Part = Rule['definition'][number];

/** The text of `grammar/rule-table.ts`: the grammar with what decides its choices, in the words of `production.ts`. */
export function ruleTable(): string {
  const decisions = lookaheads();
  const rules = Object.values(netParser().getGAstProductions()).map(({ name, definition }) => {
    const wordsFor = (method: string, number: number): readonly string[] => {
      const place = `${name}: ${method}${number === 0 ? '' : number}`;
      const words = decisions.get(place);
      if (words === undefined) throw new Error(`nothing decides ${place}`);
      return words;
    };
    return `  ${name}: () => [${sequence(definition, wordsFor)}],`;
  });
  return [
    '// Generated from grammar/parser.ts by `npm run generate`.',
    "import { atLeastOne, choice, items, many, optional, rule, token, type Sequence } from './production.ts';",
    '',
    '/** The rules of the grammar. Strings in front of a choice are the tokens with which it begins. */',
    'export const ruleTable: Readonly<Record<string, () => Sequence>> = {',
    ...rules,
    '};',
    '',
  ].join('\n');
}

type WordsFor = (method: string, number: number) => readonly string[];

function sequence(parts: readonly Part[], wordsFor: WordsFor): string {
  const written: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const [part, ...rest] = parts.slice(i);
    if (part === undefined) continue;
    if (isFirstItem(part, rest, wordsFor)) {
      written.push(`items(${production(part, wordsFor)})`);
      i += 2;
    } else {
      written.push(production(part, wordsFor));
    }
  }
  return written.join(', ');
}

/**
 * Whether a part is the first of what `items` of the grammar writes: more of it behind commas, and perhaps a last comma.
 * Which comma is the last, a gate decides there, of which chevrotain does not tell.
 */
function isFirstItem(part: Part, [more, last]: readonly Part[], wordsFor: WordsFor): boolean {
  if (!(more instanceof Repetition) || !(last instanceof Option)) return false;
  const comma = call('token', Comma.name, undefined);
  return (
    sequence(more.definition, wordsFor) === `${comma}, ${production(part, wordsFor)}` &&
    sequence(last.definition, wordsFor) === comma
  );
}

function production(part: Part, wordsFor: WordsFor): string {
  if (part instanceof Terminal) return call('token', part.terminalType.name, part.label);
  if (part instanceof NonTerminal) return call('rule', part.nonTerminalName, part.label);
  if (part instanceof Alternation) {
    const words = wordsFor('OR', part.idx);
    const alternatives = part.definition.map((alternative, i) => {
      if (!(alternative instanceof Alternative)) throw new Error('a choice is between alternatives');
      return `['${words[i] ?? ''}', ${sequence(alternative.definition, wordsFor)}]`;
    });
    return `choice(${alternatives.join(', ')})`;
  }
  if (part instanceof Option) return decided('optional', wordsFor('OPTION', part.idx), part.definition);
  if (part instanceof Repetition) return decided('many', wordsFor('MANY', part.idx), part.definition);
  if (part instanceof RepetitionMandatory) {
    return decided('atLeastOne', wordsFor('AT_LEAST_ONE', part.idx), part.definition);
  }
  throw new Error('the grammar has a kind of production that the table cannot say');

  function decided(name: string, words: readonly string[], body: readonly Part[]): string {
    return `${name}('${words.join()}', ${sequence(body, wordsFor)})`;
  }
}

function call(name: string, what: string, label: string | undefined): string {
  return label === undefined || label === what ? `${name}('${what}')` : `${name}('${what}', '${label}')`;
}
