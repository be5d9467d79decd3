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
  NumberToken,
  StringToken,
  Name,
  InfixOperator,
  PrefixOperator,
  Terminator,
  textOf,
} from '../tokens.ts';

type Production = Rule['definition'][number];

const tokenNames = new Map<TokenType, string>([
  [Name, 'NAME'],
  [NumberToken, 'NUMBER'],
  [StringToken, 'STRING'],
  [InfixOperator, 'INFIX'],
  [PrefixOperator, 'PREFIX'],
  [Terminator, 'END'],
]);

/**
 * The rules of the grammar in EBNF, one string a rule, in the order of the grammar. Rules that accept mistakes in
 * order to name them are left out, and so are those that then only rename another.
 */
export function ebnf(rules: Readonly<Record<string, Rule>>): ReadonlyMap<string, string> {
  const kept = Object.values(rules).filter((rule) => !isMistake(rule.name));
  const renamed = new Map<string, string>();
  for (const rule of kept) {
    const [only, ...more] = rule.definition.filter((part) => !isMistakePart(part));
    if (only instanceof NonTerminal && more.length === 0) renamed.set(rule.name, only.nonTerminalName);
  }
  const printer = (production: Production): string => print(production, renamed);
  return new Map(
    kept
      .filter((rule) => !renamed.has(rule.name))
      .map((rule) => [rule.name, sequence(rule.definition, printer)] as const),
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

function sequence(parts: readonly Production[], printer: (part: Production) => string): string {
  return parts
    .filter((part) => !isMistakePart(part))
    .map((part) => (part instanceof Alternation && parts.length > 1 ? `( ${printer(part)} )` : printer(part)))
    .join(' ');
}

function print(part: Production, renamed: ReadonlyMap<string, string>): string {
  const printer = (inner: Production) => print(inner, renamed);
  if (part instanceof Terminal) {
    return tokenNames.get(part.terminalType) ?? `"${textOf(part.terminalType)}"`;
  }
  if (part instanceof NonTerminal) return renamed.get(part.nonTerminalName) ?? part.nonTerminalName;
  if (part instanceof Alternation) {
    return part.definition
      .filter((alternative) => !isMistakePart(alternative))
      .map(printer)
      .join(' | ');
  }
  if (part instanceof Option) return repeated(part.definition, '?', printer);
  if (part instanceof Repetition) return repeated(part.definition, '*', printer);
  if (part instanceof RepetitionMandatory) return repeated(part.definition, '+', printer);
  return part instanceof Alternative ? sequence(part.definition, printer) : '';
}

function repeated(parts: readonly Production[], mark: string, printer: (part: Production) => string): string {
  const inner = sequence(parts, printer);
  const [only, ...more] = parts;
  const simple = more.length === 0 && (only instanceof Terminal || only instanceof NonTerminal);
  return simple ? `${inner}${mark}` : `( ${inner} )${mark}`;
}
