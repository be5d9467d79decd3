import { generateCstDts } from 'chevrotain';
import { netParser } from '../parser.ts';

/** The text of `grammar/cst-types.ts`: the types of the concrete syntax tree, derived from the grammar. */
export function cstTypes(): string {
  const rules = netParser().getGAstProductions();
  const types = generateCstDts(rules, { includeVisitorInterface: false });
  const union = Object.keys(rules).map(
    (rule) => `  | ${rule.charAt(0).toUpperCase()}${rule.slice(1)}CstNode`,
  );
  // The visitor interface is left out, and with it the use of its import.
  const imports = types.replace('CstNode, ICstVisitor, IToken', 'CstNode, IToken');
  return [
    '// Generated from grammar/parser.ts by `npm run generate`.',
    imports.trimEnd(),
    '',
    '/** Any node of the concrete syntax tree, told apart by its `name`. */',
    `export type AnyCstNode =\n${union.join('\n')};`,
    '',
  ].join('\n');
}
