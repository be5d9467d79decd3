import type * as cst from '../../../../grammar/cst-types.ts';
import { after, type Span } from '../../source/span.ts';
import type { Argument, AxisTarget, CallExpr, Expr, IndexExpr, ListItem, ListLiteral } from '../ast.ts';
import { all, complain, errorExpr, name, nodeSpan, only, tokenSpan, type BuildContext } from './context.ts';
import { boolLiteral, numberLiteral, stringLiteral } from './literals.ts';
import { combine, type Piece } from './operators.ts';

/**
 * How deep an expression may be in the syntax tree, counting brackets, prefixes, suffixes and the operators of a
 * chain. The phases that follow recurse over it.
 */
export const maxExpressionDepth = 500;

/** The expression; an `ErrorExpr` at `fallback` where recovery left none. */
export function expression(
  context: BuildContext,
  node: cst.ExpressionCstNode | undefined,
  fallback: Span,
  openEnds = false,
): Expr {
  if (node === undefined) return errorExpr(fallback);
  const operations = all(node.children.operation);
  const levels = 1 + operations.length;
  const outerDepth = context.expressionDepth;
  context.expressionDepth += levels;
  const built =
    context.expressionDepth > maxExpressionDepth
      ? tooDeep(context, nodeSpan(context, node, fallback))
      : combine(context, pieces(context, node, fallback), openEnds);
  context.expressionDepth = outerDepth;
  return built;
}

function tooDeep(context: BuildContext, span: Span): Expr {
  complain(context, 'N6003', span, `this expression is nested more than ${maxExpressionDepth} levels deep`, {
    help: 'Bind parts of it to names; each operator of a chain and each stage of a pipe counts as a level.',
  });
  return errorExpr(span);
}

/**
 * An expression with what `=` may have been written for: reported, and read as if it ended before the `=`.
 * In a binding the remedy is another one, so the caller gives it.
 */
export function condition(
  context: BuildContext,
  node: cst.ConditionCstNode | undefined,
  fallback: Span,
  use: 'condition' | 'value' = 'condition',
): Expr {
  const wrong = only(only(node?.children.mistakenEquals)?.children.Equals);
  const built = expression(context, only(node?.children.expression), nodeSpan(context, node, fallback));
  if (wrong === undefined) return built;
  const span = tokenSpan(context, wrong);
  if (use === 'condition') {
    complain(context, 'N1002', span, '`=` binds a name and cannot compare', {
      help: 'Write `==`.',
      fix: { title: 'Replace `=` by `==`', edits: [{ span, text: '==' }] },
    });
  } else {
    complain(context, 'N1002', span, 'a statement binds one value', {
      help: 'Write two statements, or `==` to compare.',
    });
  }
  return errorExpr(nodeSpan(context, node, fallback));
}

function pieces(context: BuildContext, node: cst.ExpressionCstNode, fallback: Span): Piece[] {
  const list: Piece[] = [];
  const { children } = node;
  const add = (part: cst.OperandCstNode | undefined) => addOperand(context, list, part, fallback);
  const addRange = (part: cst.RangeEndCstNode | undefined) => {
    const token = only(part?.children.Range);
    if (token === undefined) return;
    list.push({ kind: 'infix', token });
    add(only(part?.children.operand));
  };
  add(only(children.operand));
  addRange(only(children.rangeEnd));
  for (const operation of all(children.operation)) {
    const token = only(operation.children.operator);
    if (token !== undefined) list.push({ kind: 'infix', token });
    add(only(operation.children.operand));
    addRange(only(operation.children.rangeEnd));
  }
  if (list.length === 0) list.push({ kind: 'operand', expr: errorExpr(fallback) });
  return list;
}

function addOperand(
  context: BuildContext,
  list: Piece[],
  node: cst.OperandCstNode | undefined,
  fallback: Span,
): void {
  if (node === undefined) return;
  const prefixes = all(node.children.prefix);
  const suffixes = all(node.children.suffix);
  const span = nodeSpan(context, node, fallback);
  const outerDepth = context.expressionDepth;
  context.expressionDepth += prefixes.length + suffixes.length;
  if (context.expressionDepth > maxExpressionDepth) {
    list.push({ kind: 'operand', expr: tooDeep(context, span) });
  } else {
    for (const token of prefixes) list.push({ kind: 'prefix', token });
    let expr = primary(context, only(node.children.primary), after(span));
    for (const suffix of suffixes) {
      const call = only(suffix.children.call);
      const index = only(suffix.children.index);
      if (call !== undefined) expr = callOf(context, expr, call);
      else if (index !== undefined) expr = indexOf(context, expr, index);
    }
    list.push({ kind: 'operand', expr });
  }
  context.expressionDepth = outerDepth;
}

function primary(context: BuildContext, node: cst.PrimaryCstNode | undefined, fallback: Span): Expr {
  if (node === undefined) return errorExpr(fallback);
  const { number, string, bool, name: names, group, list } = node.children;
  const literal = only(number) ?? only(string) ?? only(bool);
  if (literal !== undefined) {
    if (number !== undefined) return numberLiteral(context, literal);
    return string !== undefined ? stringLiteral(context, literal) : boolLiteral(context, literal);
  }
  const named = only(names);
  if (named !== undefined)
    return { kind: 'NameExpr', span: tokenSpan(context, named), name: name(context, named) };
  const grouped = only(group);
  if (grouped !== undefined) return groupOf(context, grouped, fallback);
  const listed = only(list);
  return listed === undefined
    ? errorExpr(nodeSpan(context, node, fallback))
    : listLiteral(context, listed, fallback);
}

/** Parentheses leave their trace in the span alone: that of a parenthesised expression includes them. */
function groupOf(context: BuildContext, node: cst.GroupCstNode, fallback: Span): Expr {
  const span = nodeSpan(context, node, fallback);
  const items = all(node.children.items).map((item) => expression(context, item, span));
  const [first] = items;
  if (first === undefined) return errorExpr(span);
  return items.length === 1 ? { ...first, span } : { kind: 'TupleExpr', span, items };
}

export function listLiteral(context: BuildContext, node: cst.ListCstNode, fallback: Span): ListLiteral {
  const span = nodeSpan(context, node, fallback);
  const items = all(node.children.items).map((item): ListItem => {
    const itemSpan = nodeSpan(context, item, span);
    const key = only(item.children.key);
    return {
      kind: 'ListItem',
      span: itemSpan,
      key: key && name(context, key),
      value: expression(context, only(item.children.value), after(itemSpan)),
    };
  });
  return { kind: 'ListLiteral', span, items };
}

function callOf(context: BuildContext, callee: Expr, node: cst.CallCstNode): CallExpr {
  const own = nodeSpan(context, node, after(callee.span));
  const args = all(node.children.argument).map((part) => argument(context, part, own));
  return { kind: 'CallExpr', span: { ...callee.span, end: own.end }, callee, args };
}

function argument(context: BuildContext, node: cst.ArgumentCstNode, fallback: Span): Argument {
  const span = nodeSpan(context, node, fallback);
  const named = only(node.children.name);
  const to = only(node.children.to);
  return {
    kind: 'Argument',
    span,
    name: named && name(context, named),
    value: expression(context, only(node.children.value), after(span)),
    to: to && axisTarget(context, to, after(span)),
  };
}

function axisTarget(context: BuildContext, node: cst.AxisTargetCstNode, fallback: Span): AxisTarget {
  const span = nodeSpan(context, node, fallback);
  const axes = all(node.children.axes).flatMap((axis) => {
    const token = only(axis.children.name);
    if (token === undefined) return [];
    const axisSpan = nodeSpan(context, axis, span);
    const colon = only(axis.children.Colon);
    const size = colon && expression(context, only(axis.children.size), after(axisSpan));
    return [{ name: name(context, token), size, span: axisSpan }];
  });
  return { kind: 'AxisTarget', span, bracketed: node.children.LSquare !== undefined, axes };
}

function indexOf(context: BuildContext, list: Expr, node: cst.IndexCstNode): IndexExpr {
  const own = nodeSpan(context, node, after(list.span));
  const index = expression(context, only(node.children.expression), own, true);
  return { kind: 'IndexExpr', span: { ...list.span, end: own.end }, list, index };
}
