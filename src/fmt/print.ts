import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import { Gaps } from './gaps.ts';
import { bracketed } from './print-brackets.ts';
import { printFile, printLines } from './print-lines.ts';
import { printBlock, printModel } from './print-signature.ts';
import { printTypeNode } from './print-type.ts';
import { row, type Printing } from './row.ts';
import { elementsOf, isNode, type FormatTree } from './tree.ts';

const { line } = builders;

/** Nodes are printed after those below them, so that the depth of a source is not that of the stack. */
export function printTree(tree: FormatTree): Doc {
  const printed = new Map<AnyCstNode, Doc>();
  const print = (node: AnyCstNode) => printed.get(node) ?? '';
  const to: Printing = { gaps: new Gaps(tree), print };
  for (const node of [...tree.nodes].reverse()) printed.set(node, printNode(to, node));
  return tree.nodes.slice(0, 1).map(print);
}

/** One rule of the grammar at a time; a rule's name is its node's. */
function printNode(to: Printing, node: AnyCstNode): Doc {
  switch (node.name) {
    case 'file':
      return printFile(to, node.children.declarationLine);
    case 'declarationLine':
    case 'declaration':
    case 'trainLine':
    case 'trainItem':
    case 'line':
    case 'statement':
      return elementsOf(node).filter(isNode).map(to.print);
    case 'languageLine': {
      const { Language, version } = node.children;
      return row(to, ['', Language[0]], [' ', version[0]]);
    }
    case 'importDecl': {
      const { Import, LCurly, names, RCurly, From, path } = node.children;
      const [open] = LCurly;
      const braces = bracketed(to, { open, items: names, close: RCurly[0] }, line);
      return row(to, ['', Import[0]], [' ', open, braces], [' ', From[0]], [' ', path[0]]);
    }
    case 'importedName': {
      const { name, As, alias } = node.children;
      return row(to, ['', name[0]], [' ', As?.[0]], [' ', alias?.[0]]);
    }
    case 'labelsDecl': {
      const { Labels, name, Equals, values } = node.children;
      return row(to, ['', Labels[0]], [' ', name[0]], [' ', Equals[0]], [' ', values[0]]);
    }
    case 'blockDecl':
      return printBlock(to, node);
    case 'modelDecl':
      return printModel(to, node);
    case 'trainDecl': {
      const { Train, model, LCurly, lines, RCurly } = node.children;
      const [open] = LCurly;
      const braces = printLines(to, { open, lines, close: RCurly[0] });
      return row(to, ['', Train[0]], [' ', model[0]], ['{', open, braces]);
    }
    case 'trainTensor': {
      const { role, name, Colon, tensorType } = node.children;
      return row(to, ['', role?.[0]], [' ', name[0]], ['', Colon[0]], [' ', tensorType[0]]);
    }
    case 'setting':
      return row(to, ['', node.children.name[0]], [' ', node.children.value[0]]);

    default:
      return printTypeNode(to, node);
  }
}
