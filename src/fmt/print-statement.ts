import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { AnyCstNode, BindCstNode, ForStmtCstNode, IfStmtCstNode } from '../../grammar/cst-types.ts';
import { printExpressionNode, type ExpressionNode } from './print-expression.ts';
import { printLines } from './print-lines.ts';
import { row, tail, type Part, type Printing } from './row.ts';

const { group, indent, line } = builders;

export type StatementNode =
  | ExpressionNode
  | Extract<
      AnyCstNode,
      {
        name:
          | 'body'
          | 'bind'
          | 'returnStmt'
          | 'forStmt'
          | 'ifStmt'
          | 'assertStmt'
          | 'paramStmt'
          | 'inputStmt'
          | 'outputStmt';
      }
    >;

export function printStatementNode(to: Printing, node: StatementNode): Doc {
  switch (node.name) {
    case 'body': {
      const { LCurly, lines, RCurly } = node.children;
      return printLines(to, { open: LCurly[0], lines, close: RCurly[0] });
    }
    case 'bind':
      return printBind(to, node);
    case 'returnStmt': {
      const { Return, values } = node.children;
      const [first, ...others] = values;
      const listed = others.map((value) => [',', tail(to, [line, value])]);
      const start = row(to, ['', Return[0]], [' ', first]);
      return others.length === 0 ? start : group(indent([start, listed]));
    }
    case 'forStmt':
      return printFor(to, node);
    case 'ifStmt':
      return printIf(to, node);
    case 'assertStmt': {
      const { Assert, condition } = node.children;
      return row(to, ['', Assert[0]], [' ', condition[0]]);
    }
    case 'paramStmt': {
      const { Param, name, Colon, tensorType, Equals, init } = node.children;
      return row(
        to,
        ['', Param[0]],
        [' ', name[0]],
        ['', Colon[0]],
        [' ', tensorType[0]],
        [' ', Equals[0]],
        [' ', init[0]],
      );
    }
    case 'inputStmt': {
      const { Input, name, Colon, tensorType, From, from } = node.children;
      const what = row(to, ['', Input[0]], [' ', name[0]], ['', Colon[0]], [' ', tensorType[0]]);
      return group([what, indent(tail(to, [line, From?.[0]], [' ', from?.[0]]))]);
    }
    case 'outputStmt': {
      const { Output, name, Equals, value, Labels, labels } = node.children;
      const what = row(to, ['', Output[0]], [' ', name[0]], [' ', Equals?.[0]], [' ', value?.[0]]);
      return group([what, indent(tail(to, [line, Labels?.[0]], [' ', labels?.[0]]))]);
    }

    default:
      return printExpressionNode(to, node);
  }
}

function printBind(to: Printing, { children }: BindCstNode): Doc {
  const { targets = [], tuple, RParen, Equals, value } = children;
  const names = targets.map((name, i): Part => {
    const comma = i < targets.length - 1 ? ',' : '';
    return [i === 0 ? '' : ' ', name, [name.image, comma]];
  });
  return row(to, ['', tuple?.[0]], ...names, ['', RParen?.[0]], [' ', Equals[0]], [' ', value[0]]);
}

function printFor(to: Printing, { children }: ForStmtCstNode): Doc {
  const { For, LParen, index, element, RParen, In, range, body } = children;
  return row(
    to,
    ['', For[0]],
    [' ', LParen?.[0]],
    ['', index?.[0], [index?.[0]?.image ?? '', ',']],
    [' ', element?.[0]],
    ['', RParen?.[0]],
    [' ', In[0]],
    [' ', range[0]],
    ['{', body[0]],
  );
}

/** Each condition has the `if` and the body of its number; an `else` that is left over belongs to the last body. */
function printIf(to: Printing, { children }: IfStmtCstNode): Doc {
  const { If, condition, body, Else = [], otherwise } = children;
  const branches = condition.flatMap((at, i): Part[] => [
    ['{', i === 0 ? undefined : Else[i - 1]],
    [' ', If[i]],
    [' ', at],
    ['{', body[i]],
  ]);
  return row(to, ...branches, ['{', Else[condition.length - 1]], ['{', otherwise?.[0]]);
}
