import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { precedence } from '../../grammar/precedence.ts';
import { Range } from '../../grammar/tokens.ts';
import type { ExpressionCstNode } from '../../grammar/cst-types.ts';

const { group, indent, line } = builders;

interface Tail {
  readonly level: number;
  /** The operator with its operand. */
  readonly doc: Doc;
}

/**
 * An expression on one line, or broken before its loosest operators: for a pipe, one stage a line. The parts between
 * them break only when they do not fit a line of their own.
 */
export function printExpression(
  node: ExpressionCstNode,
  one: (key: string) => Doc,
  many: (key: string) => Doc[],
): Doc {
  const head = one(node.children.operand === undefined ? 'rangeEnd' : 'operand');
  const operations = node.children.operation ?? [];
  const docs = many('operation');
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
