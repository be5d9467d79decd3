import type { Argument, Expr, Name } from '../syntax/ast.ts';

/** The names that an expression reads, in source order; names of axes, arguments and choices among them. */
export function freeNamesOf(expr: Expr): readonly Name[] {
  const names: Name[] = [];
  for (const part of withParts(expr)) if (part.kind === 'NameExpr') names.push(part.name);
  return names;
}

/** An expression and all that it is made of, in source order; long pipes nest deep. */
export function withParts(expr: Expr): readonly Expr[] {
  const parts: Expr[] = [];
  const pending = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    parts.push(next);
    for (const part of partsOf(next).toReversed()) pending.push(part);
  }
  return parts;
}

/** The expressions that an expression is made of. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'NameExpr':
    case 'NumberLiteral':
    case 'StringLiteral':
    case 'BoolLiteral':
    case 'ErrorExpr':
      return [];
    case 'UnaryExpr':
      return [expr.operand];
    case 'BinaryExpr':
      return [expr.left, expr.right];
    case 'PipeExpr':
      return [expr.value, expr.stage];
    case 'CallExpr':
      return [expr.callee, ...expr.args.flatMap((arg) => [arg.value, ...sizesIn(arg)])];
    case 'IndexExpr':
      return [expr.list, expr.index];
    case 'RangeExpr':
      return [expr.from, expr.to].filter((end) => end !== undefined);
    case 'TupleExpr':
      return expr.items;
    case 'ListLiteral':
      return expr.items.map((item) => item.value);
  }
}

/** The sizes in the target of a mapping: `C -> [h: heads, d: C / heads]`. */
function sizesIn({ to }: Argument): readonly Expr[] {
  return to === undefined ? [] : to.axes.flatMap(({ size }) => size ?? []);
}
