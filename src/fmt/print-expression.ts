import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { ExpressionCstNode, ListItemCstNode } from '../../grammar/cst-types.ts';
import { precedence } from '../../grammar/precedence.ts';
import { Range } from '../../grammar/tokens.ts';
import { image, type Children } from './children.ts';
import { bracketed } from './print-brackets.ts';
import { isCommented, type FormatNode } from './tree.ts';

const { fill, group, ifBreak, indent, join, line, softline } = builders;

type ExpressionNode = Extract<
  FormatNode,
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

export function printExpressionNode(node: ExpressionNode, children: Children): Doc {
  switch (node.name) {
    case 'suffix':
      return children.only();
    case 'condition':
      return children.one('expression');
    case 'expression':
      return printExpression(node, children);
    case 'operation':
      return node.children.operator === undefined
        ? children.one('rangeEnd')
        : [image(node.children.operator), ' ', children.one('operand')];
    case 'rangeEnd':
      return ['..', children.clause('', 'operand')];
    case 'operand': {
      const prefixes = (node.children.prefix ?? []).map(({ image: sign }) =>
        sign === 'not' ? 'not ' : sign,
      );
      return [prefixes, children.one('primary'), children.many('suffix')];
    }
    case 'call':
      return bracketed(node, '(', children.many('argument'), ')');
    case 'argument': {
      const name = node.children.name === undefined ? '' : [image(node.children.name), ': '];
      return [name, children.one('value'), children.clause(' -> ', 'to')];
    }
    case 'axisTarget':
      return node.children.LSquare === undefined
        ? children.one('axes')
        : bracketed(node, '[', children.many('axes'), ']');
    case 'index':
      return ['[', children.one('expression'), ']'];
    case 'primary': {
      const { number, string, bool, name } = node.children;
      const token = number ?? string ?? bool ?? name;
      return token === undefined ? children.only() : image(token);
    }
    case 'group':
      return bracketed(node, '(', children.many('items'), ')');
    case 'list':
      return isTable(node)
        ? group([
            '[',
            indent([softline, fill(join([',', line], children.many('items')))]),
            ifBreak(','),
            softline,
            ']',
          ])
        : bracketed(node, '[', children.many('items'), ']');
    case 'listItem':
      return [node.children.key === undefined ? '' : [image(node.children.key), ': '], children.one('value')];

    case 'mistakenValue':
    case 'mistakenEquals':
      throw new Error(`a faultless tree has no ${node.name}`);
  }
}

interface Tail {
  readonly level: number;
  /** The operator with its operand. */
  readonly doc: Doc;
}

/**
 * An expression on one line, or broken before its loosest operators: for a pipe, one stage a line. The parts between
 * them break only when they do not fit a line of their own.
 */
function printExpression(node: ExpressionCstNode, children: Children): Doc {
  const head = children.one(node.children.operand === undefined ? 'rangeEnd' : 'operand');
  const operations = node.children.operation ?? [];
  const docs = children.many('operation');
  const tails = operations.map((operation, i): Tail => {
    const operator = operation.children.operator?.[0]?.tokenType ?? Range;
    return { level: precedence(operator), doc: docs[i] ?? '' };
  });
  return broken(head, tails);
}

const rangeLevel = precedence(Range);

function broken(head: Doc, tails: readonly Tail[]): Doc {
  if (tails.length === 0) return head;
  const loosest = Math.min(...tails.map(({ level }) => level));
  const starts = tails.flatMap(({ level }, i) => (level === loosest ? [i] : []));
  const first = broken(head, tails.slice(0, starts[0]));
  const parts = starts.map((start, i) => {
    const part = broken(tails[start]?.doc ?? '', tails.slice(start + 1, starts[i + 1]));
    return loosest === rangeLevel ? part : [line, part];
  });
  return loosest === rangeLevel ? [first, parts] : group([first, indent(parts)]);
}

/** Lists of nothing but literals, such as label names, fill their lines. */
function isTable(node: Extract<FormatNode, { name: 'list' }>): boolean {
  const items = node.children.items ?? [];
  return node.comments === undefined && items.length > 1 && items.every(isLiteralItem);
}

function isLiteralItem(item: ListItemCstNode): boolean {
  if (isCommented(item) || item.children.key !== undefined) return false;
  const expression = item.children.value[0];
  const operand = expression?.children.operand?.[0];
  if (operand === undefined || expression?.children.operation !== undefined) return false;
  const primary = operand.children.primary[0];
  const isLiteral = primary?.children.number !== undefined || primary?.children.string !== undefined;
  return isLiteral && operand.children.suffix === undefined;
}
