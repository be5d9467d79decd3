import { generateCstDts } from 'chevrotain';
import { netParser } from '../parser.ts';

/** The text of `grammar/cst-types.ts`: the types of the concrete syntax tree, derived from the grammar. */
export function cstTypes(): string {
  const types = generateCstDts(netParser().getGAstProductions(), { includeVisitorInterface: false });
  // The visitor interface is left out, and with it the use of its import.
  const imports = types.replace('CstNode, ICstVisitor, IToken', 'CstNode, IToken');
  return `// Generated from grammar/parser.ts by \`npm run generate\`.\n${imports.trimEnd()}\n`;
}
