import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { AnyCstNode } from '../../grammar/cst-types.ts';
import { bracketed } from './print-brackets.ts';
import { printStatementNode, type StatementNode } from './print-statement.ts';
import { row, tail, type Printing } from './row.ts';

const { group, indent, line } = builders;

type TypeNode = Extract<
  AnyCstNode,
  {
    name:
      | 'hypers'
      | 'hyper'
      | 'hyperType'
      | 'listType'
      | 'blockType'
      | 'inputs'
      | 'tensorDecl'
      | 'outputs'
      | 'tensorType'
      | 'axis'
      | 'sizedAxis'
      | 'requirements';
  }
>;

/** What stands in signatures. */
export function printTypeNode(to: Printing, node: TypeNode | StatementNode): Doc {
  switch (node.name) {
    case 'hypers': {
      const { LParen, hyper: items, RParen } = node.children;
      return bracketed(to, { open: LParen[0], items, close: RParen[0] });
    }
    case 'hyper': {
      const { name, Colon, type, Equals, default: value } = node.children;
      return row(to, ['', name[0]], ['', Colon[0]], [' ', type[0]], [' ', Equals?.[0]], [' ', value?.[0]]);
    }
    case 'hyperType': {
      const { blockType, listType, plain } = node.children;
      return row(to, ['', blockType?.[0]], ['', listType?.[0]], ['', plain?.[0]]);
    }
    case 'listType': {
      const { LSquare, element, RSquare } = node.children;
      return row(to, ['', LSquare[0]], ['', element[0]], ['', RSquare[0]]);
    }
    case 'blockType': {
      const { Block, LParen, inputs: items, RParen, Arrow, outputs } = node.children;
      const [open] = LParen;
      const inputs = bracketed(to, { open, items, close: RParen[0] });
      return row(to, ['', Block[0]], ['', open, inputs], [' ', Arrow[0]], [' ', outputs[0]]);
    }
    case 'inputs': {
      const { LParen, input: items, RParen } = node.children;
      return bracketed(to, { open: LParen[0], items, close: RParen[0] });
    }
    case 'tensorDecl': {
      const { name, Colon, tensorType, Equals, default: value } = node.children;
      return row(
        to,
        ['', name[0]],
        ['', Colon[0]],
        [' ', tensorType[0]],
        [' ', Equals?.[0]],
        [' ', value?.[0]],
      );
    }
    case 'outputs': {
      const { LParen, tensorType: items, RParen } = node.children;
      return LParen === undefined
        ? row(to, ['', items?.[0]])
        : bracketed(to, { open: LParen[0], items, close: RParen?.[0] });
    }
    case 'tensorType': {
      const { dtype, LSquare, axis: items, RSquare } = node.children;
      const [open] = LSquare;
      return row(to, ['', dtype?.[0]], ['', open, bracketed(to, { open, items, close: RSquare[0] })]);
    }
    case 'axis': {
      const { Ellipsis, rest, sizedAxis } = node.children;
      return row(to, ['', Ellipsis?.[0]], ['', rest?.[0]], ['', sizedAxis?.[0]]);
    }
    case 'sizedAxis': {
      const { name, Colon, size } = node.children;
      return row(to, ['', name[0]], ['', Colon?.[0]], [' ', size?.[0]]);
    }
    case 'requirements': {
      const { Where, condition } = node.children;
      const conditions = condition.map((at, i) =>
        i === 0 ? tail(to, [' ', at]) : [',', tail(to, [line, at])],
      );
      return [row(to, ['', Where[0]]), group(indent(conditions))];
    }

    default:
      return printStatementNode(to, node);
  }
}
