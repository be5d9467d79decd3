import type { Syntax } from './syntax.ts';

/** A rule in EBNF. */
export function ebnf(syntax: Syntax): string {
  switch (syntax.kind) {
    case 'token':
      return syntax.isClass ? syntax.text : `"${syntax.text}"`;
    case 'rule':
      return syntax.name;
    case 'sequence':
      return syntax.parts
        .map((part) => (part.kind === 'choice' ? `( ${ebnf(part)} )` : ebnf(part)))
        .join(' ');
    case 'choice':
      return syntax.options.map(ebnf).join(' | ');
    case 'repeated': {
      const { part, times } = syntax;
      const isOne = part.kind === 'token' || part.kind === 'rule';
      return isOne ? `${ebnf(part)}${times}` : `( ${ebnf(part)} )${times}`;
    }
  }
}
