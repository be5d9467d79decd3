/** What a TextMate grammar is made of. */

export type Captures = Readonly<Record<string, { readonly name: string }>>;

export type Rule =
  | { readonly include: string }
  | { readonly name?: string; readonly patterns: readonly Rule[] }
  | { readonly name?: string; readonly match: string; readonly captures?: Captures }
  | {
      readonly name?: string;
      readonly begin: string;
      readonly beginCaptures?: Captures;
      readonly end: string;
      readonly endCaptures?: Captures;
      readonly patterns: readonly Rule[];
    };

/** Rules by name, which others include. */
export type Repository = Readonly<Record<string, Rule>>;

/** Every scope ends with the language. */
export function scope(text: string): string {
  return `${text}.net`;
}

export function scoped(match: string, text: string): Rule {
  return { name: scope(text), match };
}

export function include(rule: string): Rule {
  return { include: `#${rule}` };
}

/** The scopes of the groups of an expression, counted from 1. */
export function groups(...scopes: readonly string[]): Captures {
  return Object.fromEntries(scopes.map((text, i) => [String(i + 1), { name: scope(text) }]));
}

/** The scope of all that an expression matches. */
export function whole(text: string): Captures {
  return { 0: { name: scope(text) } };
}

/** An expression for any of some words. */
export function words(all: readonly string[]): string {
  return `\\b(?:${all.join('|')})\\b`;
}

/** An expression for a text. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
