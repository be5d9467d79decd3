import { surfaceOps } from '../ops/registry.ts';
import type { BlockEntity, ResolvedModule } from '../resolve/program.ts';
import type { BlockDecl, Expr, Statement } from '../syntax/ast.ts';
import { freeNamesOf, partsOf } from './expression-parts.ts';
import type { Scope } from './scope.ts';
import { expressionsIn, withInner } from './statement-parts.ts';

/** Which blocks have parameters, and how many instances with parameters an expression makes. */
export class InstanceCounter {
  private readonly parameterised = new Map<BlockDecl, boolean>();
  private readonly counts = new Map<Expr, number>();

  isParameterised(entity: BlockEntity): boolean {
    const known = this.parameterised.get(entity.decl);
    if (known !== undefined) return known;
    this.parameterised.set(entity.decl, false); // For blocks that contain themselves, an error elsewhere.
    const { decl, module } = entity;
    const uses =
      decl.hypers.some(({ type }) => type.kind !== 'PlainHyper') ||
      [...withInner(decl.body.statements)].some(
        (statement) => statement.kind === 'ParamStmt' || this.mentionsParameterised(module, statement),
      );
    this.parameterised.set(decl, uses);
    return uses;
  }

  /** Takes over what an earlier check found. */
  know(decl: BlockDecl, isParameterised: boolean): void {
    this.parameterised.set(decl, isParameterised);
  }

  /**
   * The instances with parameters that an expression makes: calls and stages of operations and blocks that have some.
   * A block that is passed on as a hyper-parameter is not an instance yet.
   */
  count(scope: Scope, module: ResolvedModule, expr: Expr): number {
    const known = this.counts.get(expr);
    if (known !== undefined) return known;
    let count = 0;
    const pending: Expr[] = [expr];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const maker = makerOf(next);
      if (maker === undefined) {
        for (const part of partsOf(next)) pending.push(part);
        continue;
      }
      if (this.makesParameters(scope, module, maker)) count++;
      if (next.kind === 'PipeExpr') pending.push(next.value);
      // Operations may be given tensors at once; what a block is given here are hyper-parameters.
      if (next.kind === 'CallExpr' && surfaceOps.has(maker))
        for (const { value } of next.args) pending.push(value);
    }
    this.counts.set(expr, count);
    return count;
  }

  /** Whether `name(...)` makes an instance with parameters. */
  makesParameters(scope: Scope, module: ResolvedModule, name: string): boolean {
    const bound = scope.lookup(name)?.val;
    if (bound === undefined) return this.isParameterisedName(module, name);
    return bound.kind === 'factory' || bound.kind === 'abstractBlock';
  }

  private mentionsParameterised(module: ResolvedModule, statement: Statement): boolean {
    return expressionsIn(statement).some((expr) =>
      freeNamesOf(expr).some((name) => this.isParameterisedName(module, name.text)),
    );
  }

  private isParameterisedName(module: ResolvedModule, name: string): boolean {
    const entity = module.names.get(name);
    if (entity !== undefined) return entity.kind === 'block' && this.isParameterised(entity);
    return surfaceOps.get(name)?.parameterised === true;
  }
}

/** The name that is instantiated by `name(...)` and `x |> name`. */
export function makerOf(expr: Expr): string | undefined {
  if (expr.kind === 'CallExpr' && expr.callee.kind === 'NameExpr') return expr.callee.name.text;
  return expr.kind === 'PipeExpr' && expr.stage.kind === 'NameExpr' ? expr.stage.name.text : undefined;
}
