import type { Expr, Statement } from '../syntax/ast.ts';

/** Statements, and those of the loops and branches among them. */
export function* withInner(statements: readonly Statement[]): Generator<Statement> {
  const pending = statements.toReversed();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    if (next.kind === 'ForStmt') pending.push(...next.body.statements.toReversed());
    if (next.kind !== 'IfStmt') continue;
    if (next.otherwise?.kind === 'IfStmt') pending.push(next.otherwise);
    else pending.push(...(next.otherwise?.statements ?? []).toReversed());
    pending.push(...next.then.statements.toReversed());
  }
}

/** The expressions that a statement itself reads, but for those in types. */
export function expressionsIn(statement: Statement): readonly Expr[] {
  switch (statement.kind) {
    case 'BindStmt':
    case 'ReturnStmt':
      return [statement.value];
    case 'ForStmt':
      return [statement.range];
    case 'IfStmt':
    case 'AssertStmt':
      return [statement.condition];
    case 'ParamStmt':
      return [statement.init];
    case 'InputStmt':
      return [];
    case 'OutputStmt':
      return [statement.value, statement.labels].filter((expr) => expr !== undefined);
  }
}
