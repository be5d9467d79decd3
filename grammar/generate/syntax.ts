import {
  Alternation,
  Alternative,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  Terminal,
  type Rule,
  type TokenType,
} from 'chevrotain';
import {
  InfixOperator,
  Name,
  NumberToken,
  PrefixOperator,
  StringToken,
  Terminator,
  textOf,
} from '../tokens.ts';

/** What a rule accepts, as the reference shows it. */
export type Syntax =
  /** A token as written, or, in capitals, one of a class. */
  | { readonly kind: 'token'; readonly text: string; readonly isClass: boolean }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'choice'; readonly options: readonly Syntax[] }
  /** `?` may be missing, `*` any number, `+` at least one. */
  | { readonly kind: 'repeated'; readonly part: Syntax; readonly times: '?' | '*' | '+' };

type Production = Rule['definition'][number];

const classNames = new Map<TokenType, string>([
  [Name, 'NAME'],
  [NumberToken, 'NUMBER'],
  [StringToken, 'STRING'],
  [InfixOperator, 'INFIX'],
  [PrefixOperator, 'PREFIX'],
  [Terminator, 'END'],
]);

/**
 * The rules of the grammar in its order. Rules that accept mistakes in order to name them are left out, and so are those
 * that then only rename another.
 */
export function syntaxRules(rules: Readonly<Record<string, Rule>>): ReadonlyMap<string, Syntax> {
  const kept = Object.values(rules).filter((rule) => !isMistake(rule.name));
  const renamed = new Map<string, string>();
  for (const rule of kept) {
    const [only, ...more] = rule.definition.filter((part) => !isMistakePart(part));
    if (only instanceof NonTerminal && more.length === 0) renamed.set(rule.name, only.nonTerminalName);
  }
  return new Map(
    kept
      .filter((rule) => !renamed.has(rule.name))
      .map((rule) => [rule.name, sequence(rule.definition, renamed)] as const),
  );
}

function isMistake(name: string): boolean {
  return name.startsWith('mistaken');
}

/** Whether a part accepts nothing but mistakes. */
function isMistakePart(part: Production): boolean {
  if (part instanceof NonTerminal) return isMistake(part.nonTerminalName);
  if (part instanceof Option || part instanceof Alternative) return part.definition.every(isMistakePart);
  return false;
}

function sequence(definition: readonly Production[], renamed: ReadonlyMap<string, string>): Syntax {
  const parts = definition.filter((part) => !isMistakePart(part)).map((part) => syntaxOf(part, renamed));
  const [only, ...more] = parts;
  return only !== undefined && more.length === 0 ? only : { kind: 'sequence', parts };
}

function syntaxOf(part: Production, renamed: ReadonlyMap<string, string>): Syntax {
  if (part instanceof Terminal) {
    const name = classNames.get(part.terminalType);
    return { kind: 'token', text: name ?? textOf(part.terminalType), isClass: name !== undefined };
  }
  if (part instanceof NonTerminal) {
    return { kind: 'rule', name: renamed.get(part.nonTerminalName) ?? part.nonTerminalName };
  }
  if (part instanceof Alternation) {
    const options = part.definition.filter((option) => !isMistakePart(option));
    return { kind: 'choice', options: options.map((option) => syntaxOf(option, renamed)) };
  }
  if (part instanceof Alternative) return sequence(part.definition, renamed);
  if (part instanceof Option) return repeated(part, '?', renamed);
  if (part instanceof Repetition) return repeated(part, '*', renamed);
  if (part instanceof RepetitionMandatory) return repeated(part, '+', renamed);
  throw new Error('the grammar has a kind of production that the reference does not know');
}

function repeated(
  { definition }: Option | Repetition | RepetitionMandatory,
  times: '?' | '*' | '+',
  renamed: ReadonlyMap<string, string>,
): Syntax {
  return { kind: 'repeated', part: sequence(definition, renamed), times };
}
