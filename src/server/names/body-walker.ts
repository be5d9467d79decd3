import type { ArgumentKind, ArgumentSpec } from '../../compiler/ops/arguments.ts';
import { surfaceOps } from '../../compiler/ops/registry.ts';
import type { SurfaceOp } from '../../compiler/ops/surface-op.ts';
import type { BlockEntity, ResolvedModule } from '../../compiler/resolve/program.ts';
import type { Argument, Body, CallExpr, Expr, Statement, TensorType } from '../../compiler/syntax/ast.ts';
import { localSymbol, type NamesInScope } from './names-in-scope.ts';

/** Which of an argument's names are axes, by the kind that an operation declares. */
const axisKinds: ReadonlySet<ArgumentKind> = new Set(['axis', 'axes', 'axisSizes', 'mapping']);
/** Kinds whose bare names are words of the operation. */
const wordKinds: ReadonlySet<ArgumentKind> = new Set(['choice', 'padding', 'init']);

/** Walks what heads and bodies of declarations are made of: types, statements and expressions. */
export class BodyWalker {
  private readonly module: ResolvedModule;
  private readonly names: NamesInScope;
  /** The block that a name is an instance of, where the source shows it. */
  private readonly instances = new Map<string, BlockEntity>();

  constructor(module: ResolvedModule, names: NamesInScope) {
    this.module = module;
    this.names = names;
  }

  type({ dtype, axes }: TensorType): void {
    if (dtype !== undefined) this.names.add(dtype, { kind: 'choice', key: `type ${dtype.text}` });
    for (const axis of axes) {
      this.names.axis(axis.name);
      if (axis.kind !== 'NamedAxis') continue;
      if (axis.size !== undefined) this.value(axis.size);
      else if (this.names.kindOf(axis.name.text) !== undefined) this.names.local(axis.name, false);
    }
  }

  // ------------------------------------------------------------ statements

  body({ statements }: Body): void {
    this.names.open();
    for (const statement of statements) this.statement(statement);
  }

  statement(statement: Statement): void {
    switch (statement.kind) {
      case 'BindStmt': {
        this.value(statement.value);
        const [only, more] = statement.targets;
        if (only !== undefined && more === undefined) this.noteInstance(only.text, statement.value);
        for (const target of statement.targets) this.names.bind(target, 'variable');
        return;
      }
      case 'ReturnStmt':
        return this.value(statement.value);
      case 'ForStmt':
        this.value(statement.range);
        return this.names.within(() => {
          if (statement.index !== undefined) this.names.bind(statement.index, 'size');
          this.names.bind(statement.element, statement.range.kind === 'RangeExpr' ? 'size' : 'variable');
          for (const inner of statement.body.statements) this.statement(inner);
        });
      case 'IfStmt': {
        this.value(statement.condition);
        // What both branches bind is known behind them: one of the two scopes would do, and both are the same names.
        for (const inner of statement.then.statements) this.statement(inner);
        const { otherwise } = statement;
        if (otherwise?.kind === 'IfStmt') this.statement(otherwise);
        else for (const inner of otherwise?.statements ?? []) this.statement(inner);
        return;
      }
      case 'AssertStmt':
        return this.value(statement.condition);
      case 'ParamStmt':
        this.type(statement.type);
        this.word(statement.init, 'init');
        return this.names.bind(statement.name, 'variable');
      case 'InputStmt':
        this.names.bind(statement.name, 'input');
        this.type(statement.type);
        if (statement.from !== undefined) this.word(statement.from, 'init');
        return;
      case 'OutputStmt':
        if (statement.value !== undefined) this.value(statement.value);
        if (statement.labels !== undefined) this.value(statement.labels);
        if (statement.value === undefined) this.names.local(statement.name, false);
        else this.names.bind(statement.name, 'variable');
        return;
    }
  }

  private noteInstance(name: string, value: Expr): void {
    const block = value.kind === 'CallExpr' ? this.blockOf(value.callee) : undefined;
    if (block === undefined) this.instances.delete(name);
    else this.instances.set(name, block);
  }

  // ------------------------------------------------------------ expressions

  value(expr: Expr): void {
    switch (expr.kind) {
      case 'NameExpr':
        return this.names.use(expr.name);
      case 'CallExpr':
        return this.call(expr, false);
      case 'PipeExpr':
        this.value(expr.value);
        return expr.stage.kind === 'CallExpr' ? this.call(expr.stage, true) : this.value(expr.stage);
      case 'ListLiteral':
        for (const { key, value } of expr.items) {
          if (key !== undefined) this.names.axis(key);
          this.value(value);
        }
        return;
      case 'TupleExpr':
        for (const item of expr.items) this.value(item);
        return;
      case 'UnaryExpr':
        return this.value(expr.operand);
      case 'BinaryExpr':
        this.value(expr.left);
        return this.value(expr.right);
      case 'IndexExpr':
        this.value(expr.list);
        return this.value(expr.index);
      case 'RangeExpr':
        if (expr.from !== undefined) this.value(expr.from);
        if (expr.to !== undefined) this.value(expr.to);
        return;
      case 'NumberLiteral':
      case 'StringLiteral':
      case 'BoolLiteral':
      case 'ErrorExpr':
        return;
    }
  }

  private call(expr: CallExpr, isStage: boolean): void {
    this.value(expr.callee);
    const op = this.operationOf(expr.callee);
    if (op !== undefined) return this.operationArguments(op, expr.args, isStage);
    const block = this.blockOf(expr.callee);
    if (block !== undefined) return this.hyperArguments(block, expr.args);
    const instance = this.instanceOf(expr.callee);
    for (const argument of expr.args) {
      if (argument.name !== undefined && instance !== undefined) {
        const input = instance.decl.inputs.find(({ name }) => name.text === argument.name?.text);
        if (input !== undefined)
          this.names.add(argument.name, localSymbol('input', instance, input.name.text));
      }
      this.value(argument.value);
    }
  }

  private operationOf(callee: Expr): SurfaceOp | undefined {
    if (callee.kind !== 'NameExpr') return undefined;
    const { text } = callee.name;
    const isHidden = this.names.kindOf(text) !== undefined || this.module.names.has(text);
    return isHidden ? undefined : surfaceOps.get(text);
  }

  private blockOf(callee: Expr): BlockEntity | undefined {
    if (callee.kind !== 'NameExpr' || this.names.kindOf(callee.name.text) !== undefined) return undefined;
    const entity = this.module.names.get(callee.name.text);
    return entity?.kind === 'block' ? entity : undefined;
  }

  /** The block of which a callee is an instance: `SIM()`, or a name that was bound to one. */
  private instanceOf(callee: Expr): BlockEntity | undefined {
    if (callee.kind === 'CallExpr') return this.blockOf(callee.callee);
    return callee.kind === 'NameExpr' ? this.instances.get(callee.name.text) : undefined;
  }

  private operationArguments(op: SurfaceOp, args: readonly Argument[], isStage: boolean): void {
    const positional = Object.values<ArgumentSpec>(op.arguments).filter((spec) => spec.positional === true);
    let unnamed = args.filter(({ name }) => name === undefined).length;
    let next = 0;
    for (const argument of args) {
      const { name } = argument;
      if (name !== undefined) {
        const spec = Object.hasOwn(op.arguments, name.text) ? op.arguments[name.text] : undefined;
        if (spec !== undefined) this.names.add(name, { kind: 'argument', key: `argument ${op.name}.${name.text}`, op: op.name }); // prettier-ignore
        this.argument(argument, spec?.kind);
        continue;
      }
      const isOperand = !isStage && (unnamed > positional.length - next || this.isTensorName(argument.value));
      unnamed--;
      this.argument(argument, isOperand && argument.to === undefined ? undefined : positional[next++]?.kind);
    }
  }

  private isTensorName(expr: Expr): boolean {
    if (expr.kind !== 'NameExpr') return false;
    const kind = this.names.kindOf(expr.name.text);
    return kind === 'variable' || kind === 'input';
  }

  private hyperArguments(block: BlockEntity, args: readonly Argument[]): void {
    for (const [i, argument] of args.entries()) {
      const { hypers } = block.decl;
      const { name } = argument;
      const hyper = name === undefined ? hypers[i] : hypers.find((other) => other.name.text === name.text);
      if (name !== undefined && hyper !== undefined) {
        this.names.add(name, localSymbol('hyper', block, hyper.name.text));
      }
      const isAxis = hyper?.type.kind === 'PlainHyper' && hyper.type.name === 'axis';
      this.argument(argument, isAxis ? 'axis' : undefined);
    }
  }

  private argument({ value, to }: Argument, kind: ArgumentKind | undefined): void {
    if (to !== undefined || (kind !== undefined && axisKinds.has(kind))) this.axes(value);
    else if (kind !== undefined && wordKinds.has(kind)) this.word(value, kind);
    else this.value(value);
    for (const { name, size } of to?.axes ?? []) {
      this.names.axis(name);
      if (size !== undefined) this.value(size);
    }
  }

  /** `C`, `[H, W]` and `[H: 3, W: 3]`. */
  private axes(expr: Expr): void {
    if (expr.kind === 'NameExpr') this.names.axis(expr.name);
    else if (expr.kind !== 'ListLiteral') this.value(expr);
    else {
      for (const { key, value } of expr.items) {
        if (key === undefined) this.axes(value);
        else {
          this.names.axis(key);
          this.value(value);
        }
      }
    }
  }

  /** `same`, `he_normal(fan: out)`, `[H: 1]`: a word where it is bare, values elsewhere. */
  private word(expr: Expr, kind: ArgumentKind): void {
    if (expr.kind === 'NameExpr' && this.names.kindOf(expr.name.text) === undefined) {
      this.names.add(expr.name, { kind: 'choice', key: `choice ${expr.name.text}` });
    } else if (expr.kind === 'CallExpr') {
      this.word(expr.callee, kind);
      this.settings(expr.args, (value) => {
        this.word(value, kind);
      });
    } else this.value(expr);
  }

  /** The arguments of words, as of optimisers and initialisers: their names are the language's. */
  settings(args: readonly Argument[], read: (value: Expr) => void): void {
    for (const { name, value } of args) {
      if (name !== undefined) this.names.add(name, { kind: 'setting', key: `setting ${name.text}` });
      read(value);
    }
  }
}
