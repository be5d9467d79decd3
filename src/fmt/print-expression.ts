import type { IToken } from 'chevrotain';
import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type {
  AnyCstNode,
  ExpressionCstNode,
  ListCstNode,
  ListItemCstNode,
  OperandCstNode,
} from '../../grammar/cst-types.ts';
import { precedence } from '../../grammar/precedence.ts';
import { Range } from '../../grammar/tokens.ts';
import type { Gaps } from './gaps.ts';
import { bracketed } from './print-brackets.ts';
import { row, type Part, type Printing } from './row.ts';

const { fill, group, ifBreak, indent, line, softline } = builders;

export type ExpressionNode = Extract<
  AnyCstNode,
  {
    name:
      | 'condition'
      | 'expression'
      | 'operation'
      | 'rangeEnd'
      | 'operand'
      | 'suffix'
      | 'call'
      | 'argument'
      | 'axisTarget'
      | 'index'
      | 'primary'
      | 'group'
      | 'list'
      | 'listItem'
      | 'mistakenValue'
      | 'mistakenEquals';
  }
>;

export function printExpressionNode(to: Printing, node: ExpressionNode): Doc {
  switch (node.name) {
    case 'condition':
      return row(to, ['', node.children.expression[0]]);
    case 'expression':
      return printExpression(to, node);
    case 'operation': {
      const { operator, operand, rangeEnd } = node.children;
      return row(to, ['', operator?.[0]], [' ', operand?.[0]], ['', rangeEnd?.[0]]);
    }
    case 'rangeEnd':
      return row(to, ['', node.children.Range[0]], ['', node.children.operand?.[0]]);
    case 'operand':
      return printOperand(to, node);
    case 'suffix':
      return row(to, ['', node.children.call?.[0]], ['', node.children.index?.[0]]);
    case 'call': {
      const { LParen, argument: items, RParen } = node.children;
      return bracketed(to, { open: LParen[0], items, close: RParen[0] });
    }
    case 'argument': {
      const { name, Colon, value, Arrow, to: target } = node.children;
      return row(
        to,
        ['', name?.[0]],
        ['', Colon?.[0]],
        [' ', value[0]],
        [' ', Arrow?.[0]],
        [' ', target?.[0]],
      );
    }
    case 'axisTarget': {
      const { LSquare, axes: items, RSquare } = node.children;
      return LSquare === undefined
        ? row(to, ['', items?.[0]])
        : bracketed(to, { open: LSquare[0], items, close: RSquare?.[0] });
    }
    case 'index': {
      const { LSquare, expression, RSquare } = node.children;
      return row(to, ['', LSquare[0]], ['', expression[0]], ['', RSquare[0]]);
    }
    case 'primary': {
      const { number, string, bool, name, group: inner, list } = node.children;
      const token = number ?? string ?? bool ?? name;
      return row(to, ['', token?.[0]], ['', inner?.[0]], ['', list?.[0]]);
    }
    case 'group': {
      const { LParen, items, RParen } = node.children;
      return bracketed(to, { open: LParen[0], items, close: RParen[0] });
    }
    case 'list':
      return printList(to, node);
    case 'listItem': {
      const { key, Colon, value } = node.children;
      return row(to, ['', key?.[0]], ['', Colon?.[0]], [' ', value[0]]);
    }

    case 'mistakenValue':
    case 'mistakenEquals':
      throw new Error(`a faultless tree has no ${node.name}`);
  }
}

function printOperand(to: Printing, { children }: OperandCstNode): Doc {
  const { prefix = [], primary, suffix = [] } = children;
  const behindPrefix = (sign: IToken | undefined) => (sign?.image === 'not' ? ' ' : '');
  const signs = prefix.map((sign, i): Part => [behindPrefix(prefix[i - 1]), sign]);
  const suffixes = suffix.map((at): Part => ['', at]);
  return row(to, ...signs, [behindPrefix(prefix.at(-1)), primary[0]], ...suffixes);
}

interface Tail {
  readonly level: number;
  /** What stands before the operator. */
  readonly gap: Doc;
  /** The operator with its operand. */
  readonly doc: Doc;
}

/**
 * An expression on one line, or broken before its loosest operators: for a pipe, one stage a line. The parts between
 * them break only when they do not fit a line of their own.
 */
function printExpression(to: Printing, { children }: ExpressionCstNode): Doc {
  const { operand, rangeEnd, operation = [] } = children;
  const tails = operation.map((at): Tail => {
    const operator = at.children.operator?.[0]?.tokenType ?? Range;
    const gap = to.gaps.before(at, operator === Range ? '' : line);
    return { level: precedence(operator), gap, doc: to.print(at) };
  });
  return broken(row(to, ['', operand?.[0]], ['', rangeEnd?.[0]]), tails);
}

function broken(head: Doc, tails: readonly Tail[]): Doc {
  if (tails.length === 0) return head;
  const loosest = Math.min(...tails.map(({ level }) => level));
  const starts = tails.flatMap(({ level }, i) => (level === loosest ? [i] : []));
  const first = broken(head, tails.slice(0, starts[0]));
  const parts = starts.map((start, i) => {
    const part = broken(tails[start]?.doc ?? '', tails.slice(start + 1, starts[i + 1]));
    return [tails[start]?.gap ?? '', part];
  });
  return loosest === precedence(Range) ? [first, parts] : group([first, indent(parts)]);
}

function printList(to: Printing, { children }: ListCstNode): Doc {
  const { LSquare, items = [], RSquare } = children;
  const [open] = LSquare;
  const [close] = RSquare;
  if (open === undefined || close === undefined) return '';
  if (!isTable(to.gaps, items, close)) return bracketed(to, { open, items, close });
  const filled = fill(
    items.flatMap((item, i) => (i === 0 ? [to.print(item)] : [[',', line], to.print(item)])),
  );
  return group([open.image, indent([softline, filled]), ifBreak(','), softline, close.image]);
}

/** Lists of nothing but literals, such as label names, fill their lines. */
function isTable(gaps: Gaps, items: readonly ListItemCstNode[], close: IToken): boolean {
  const isCommented = [...items, close].some((element) => gaps.has(element));
  return !isCommented && items.length > 1 && items.every(isLiteralItem);
}

function isLiteralItem(item: ListItemCstNode): boolean {
  if (item.children.key !== undefined) return false;
  const expression = item.children.value[0];
  const operand = expression?.children.operand?.[0];
  if (operand === undefined || expression?.children.operation !== undefined) return false;
  const primary = operand.children.primary[0];
  const isLiteral = primary?.children.number !== undefined || primary?.children.string !== undefined;
  return isLiteral && operand.children.suffix === undefined;
}
