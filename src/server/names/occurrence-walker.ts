import { builtins } from '../../compiler/check/global-names.ts';
import type { ArgumentKind, ArgumentSpec } from '../../compiler/ops/arguments.ts';
import { surfaceOps } from '../../compiler/ops/registry.ts';
import type { SurfaceOp } from '../../compiler/ops/surface-op.ts';
import type {
  Argument,
  AxisDecl,
  BlockDecl,
  Body,
  CallExpr,
  Declaration,
  Expr,
  HyperDecl,
  HyperType,
  Name,
  Statement,
  TensorType,
  TrainDecl,
} from '../../compiler/syntax/ast.ts';
import { namesOf } from '../../compiler/syntax/walk.ts';
import type { Occurrence, Symbol } from './occurrence.ts';
import type { BlockEntity, Entity, ResolvedModule } from '../../compiler/resolve/program.ts';

type LocalKind = 'hyper' | 'input' | 'size' | 'variable' | 'axis';

/** Which of an argument's names are axes, by the kind that an operation declares. */
const axisKinds: ReadonlySet<ArgumentKind> = new Set(['axis', 'axes', 'axisSizes', 'mapping']);
/** Kinds whose bare names are words of the operation. */
const wordKinds: ReadonlySet<ArgumentKind> = new Set(['choice', 'padding', 'init']);

/** Walks one declaration and tells of each name what it stands for. Names of nothing are left out. */
export class OccurrenceWalker {
  private readonly module: ResolvedModule;
  private readonly declaration: Declaration;
  private readonly found: Occurrence[] = [];
  /** The names that are bound at the place at hand, innermost last. */
  private readonly scopes: Map<string, LocalKind>[] = [new Map<string, LocalKind>()];
  /** The block that a name is an instance of, where the source shows it. */
  private readonly instances = new Map<string, BlockEntity>();

  constructor(module: ResolvedModule, declaration: Declaration) {
    this.module = module;
    this.declaration = declaration;
  }

  run(): Occurrence[] {
    const { declaration } = this;
    switch (declaration.kind) {
      case 'ImportDecl':
        for (const { name, alias } of declaration.names) this.imported(name, alias);
        break;
      case 'LabelsDecl':
        this.declared(declaration.name);
        this.value(declaration.values);
        break;
      case 'BlockDecl':
        this.declared(declaration.name);
        this.block(declaration);
        break;
      case 'ModelDecl':
        this.declared(declaration.name);
        for (const hyper of declaration.hypers) this.hyper(hyper);
        for (const condition of declaration.where) this.value(condition);
        for (const statement of declaration.body.statements) {
          if (statement.kind === 'InputStmt') this.bareSizes(statement.type);
        }
        this.body(declaration.body);
        break;
      case 'TrainDecl':
        this.train(declaration);
        break;
    }
    return this.found;
  }

  // ------------------------------------------------------------ declarations

  private imported(name: Name, alias: Name | undefined): void {
    const entity = this.module.names.get((alias ?? name).text);
    if (entity === undefined) return;
    this.global(name, entity);
    if (alias !== undefined) this.add(alias, this.aliasOf(alias.text, entity), true);
  }

  private declared(name: Name): void {
    const entity = this.module.names.get(name.text);
    if (entity !== undefined) this.global(name, entity, true);
  }

  private block({ hypers, inputs, outputs, where, body }: BlockDecl): void {
    for (const hyper of hypers) this.hyper(hyper);
    for (const { type } of inputs) this.bareSizes(type);
    for (const { name, type } of inputs) {
      this.bind(name, 'input');
      this.type(type);
    }
    for (const type of outputs) this.type(type);
    for (const condition of where) this.value(condition);
    this.body(body);
  }

  private hyper({ name, type, default: otherwise }: HyperDecl): void {
    if (otherwise !== undefined) this.value(otherwise);
    this.hyperType(type);
    const isAxis = type.kind === 'PlainHyper' && type.name === 'axis';
    this.bind(name, isAxis ? 'axis' : 'hyper');
    if (isAxis) this.axis(name, true);
  }

  private hyperType(type: HyperType): void {
    if (type.kind === 'ListHyper') this.hyperType(type.element);
    if (type.kind !== 'BlockHyper') return;
    for (const { axes } of [...type.inputs, ...type.outputs]) {
      for (const axis of axes) {
        this.axis(axis.name);
        // Other names in the type of a block are its own.
        if (axis.kind !== 'NamedAxis' || axis.size === undefined) continue;
        for (const text of namesOf(axis.size)) if (this.kindOf(text) === undefined) return;
        this.value(axis.size);
      }
    }
  }

  private train({ model, items }: TrainDecl): void {
    const entity = this.module.names.get(model.text);
    if (entity?.kind !== 'model') return;
    this.global(model, entity);
    const { decl } = entity;
    // What a `train` does not bind itself is the model's.
    for (const name of namesOf([...decl.hypers.map((hyper) => hyper.name), decl.body])) {
      if (isBoundBy(decl.body, name) || decl.hypers.some((hyper) => hyper.name.text === name)) {
        this.scopes[0]?.set(name, 'variable');
      }
    }
    this.scopes.push(new Map());
    for (const item of items) {
      if (item.kind === 'BindStmt') this.statement(item);
      else if (item.kind === 'TrainTensor') {
        this.bind(item.name, 'input');
        this.type(item.type);
      } else {
        this.add(item.name, { kind: 'setting', key: `setting ${item.name.text}` });
        this.setting(item.value);
      }
    }
  }

  /** `adamw(lr: 1e-4)`: words of the recipe, and values. */
  private setting(value: Expr): void {
    if (value.kind === 'NameExpr' && this.kindOf(value.name.text) === undefined) {
      this.add(value.name, { kind: 'choice', key: `choice ${value.name.text}` });
    } else if (value.kind === 'CallExpr' && value.callee.kind === 'NameExpr') {
      this.setting(value.callee);
      this.settings(value.args, (argument) => {
        this.value(argument);
      });
    } else this.value(value);
  }

  /** The arguments of words, as of optimisers and initialisers: their names are the language's. */
  private settings(args: readonly Argument[], read: (value: Expr) => void): void {
    for (const { name, value } of args) {
      if (name !== undefined) this.add(name, { kind: 'setting', key: `setting ${name.text}` });
      read(value);
    }
  }

  // ------------------------------------------------------------ types

  /** The sizes that bare axes introduce are known in all types of the head, before and after. */
  private bareSizes({ axes }: TensorType): void {
    for (const axis of axes) {
      const name = sizeNameIn(axis);
      if (name === undefined || this.kindOf(name.text) !== undefined) continue;
      if (this.module.names.has(name.text) && axis.kind === 'NamedAxis' && axis.size !== undefined) continue;
      this.bind(name, 'size');
    }
  }

  private type({ dtype, axes }: TensorType): void {
    if (dtype !== undefined) this.add(dtype, { kind: 'choice', key: `type ${dtype.text}` });
    for (const axis of axes) {
      this.axis(axis.name);
      if (axis.kind !== 'NamedAxis') continue;
      if (axis.size !== undefined) this.value(axis.size);
      else if (this.kindOf(axis.name.text) !== undefined) this.local(axis.name, false);
    }
  }

  // ------------------------------------------------------------ statements

  private body({ statements }: Body): void {
    this.scopes.push(new Map());
    for (const statement of statements) this.statement(statement);
  }

  /** The names that a body of its own binds are not known behind it, unless they were before. */
  private within(run: () => void): void {
    this.scopes.push(new Map());
    run();
    this.scopes.pop();
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'BindStmt': {
        this.value(statement.value);
        const [only, more] = statement.targets;
        if (only !== undefined && more === undefined) this.noteInstance(only.text, statement.value);
        for (const target of statement.targets) this.bind(target, 'variable');
        return;
      }
      case 'ReturnStmt':
        return this.value(statement.value);
      case 'ForStmt':
        this.value(statement.range);
        return this.within(() => {
          if (statement.index !== undefined) this.bind(statement.index, 'size');
          this.bind(statement.element, statement.range.kind === 'RangeExpr' ? 'size' : 'variable');
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
        return this.bind(statement.name, 'variable');
      case 'InputStmt':
        this.bind(statement.name, 'input');
        this.type(statement.type);
        if (statement.from !== undefined) this.word(statement.from, 'init');
        return;
      case 'OutputStmt':
        if (statement.value !== undefined) this.value(statement.value);
        if (statement.labels !== undefined) this.value(statement.labels);
        if (statement.value === undefined) this.local(statement.name, false);
        else this.bind(statement.name, 'variable');
        return;
    }
  }

  private noteInstance(name: string, value: Expr): void {
    const block = value.kind === 'CallExpr' ? this.blockOf(value.callee) : undefined;
    if (block === undefined) this.instances.delete(name);
    else this.instances.set(name, block);
  }

  // ------------------------------------------------------------ expressions

  private value(expr: Expr): void {
    switch (expr.kind) {
      case 'NameExpr':
        return this.use(expr.name);
      case 'CallExpr':
        return this.call(expr, false);
      case 'PipeExpr':
        this.value(expr.value);
        return expr.stage.kind === 'CallExpr' ? this.call(expr.stage, true) : this.value(expr.stage);
      case 'ListLiteral':
        for (const { key, value } of expr.items) {
          if (key !== undefined) this.axis(key);
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
        if (input !== undefined) this.add(argument.name, localSymbol('input', instance, input.name.text));
      }
      this.value(argument.value);
    }
  }

  private operationOf(callee: Expr): SurfaceOp | undefined {
    if (callee.kind !== 'NameExpr') return undefined;
    const { text } = callee.name;
    const isHidden = this.kindOf(text) !== undefined || this.module.names.has(text);
    return isHidden ? undefined : surfaceOps.get(text);
  }

  private blockOf(callee: Expr): BlockEntity | undefined {
    if (callee.kind !== 'NameExpr' || this.kindOf(callee.name.text) !== undefined) return undefined;
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
        if (spec !== undefined) this.add(name, { kind: 'argument', key: `argument ${op.name}.${name.text}`, op: op.name }); // prettier-ignore
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
    const kind = this.kindOf(expr.name.text);
    return kind === 'variable' || kind === 'input';
  }

  private hyperArguments(block: BlockEntity, args: readonly Argument[]): void {
    for (const [i, argument] of args.entries()) {
      const { hypers } = block.decl;
      const { name } = argument;
      const hyper = name === undefined ? hypers[i] : hypers.find((other) => other.name.text === name.text);
      if (name !== undefined && hyper !== undefined) {
        this.add(name, localSymbol('hyper', block, hyper.name.text));
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
      this.axis(name);
      if (size !== undefined) this.value(size);
    }
  }

  /** `C`, `[H, W]` and `[H: 3, W: 3]`. */
  private axes(expr: Expr): void {
    if (expr.kind === 'NameExpr') this.axis(expr.name);
    else if (expr.kind !== 'ListLiteral') this.value(expr);
    else {
      for (const { key, value } of expr.items) {
        if (key === undefined) this.axes(value);
        else {
          this.axis(key);
          this.value(value);
        }
      }
    }
  }

  /** `same`, `he_normal(fan: out)`, `[H: 1]`: a word where it is bare, values elsewhere. */
  private word(expr: Expr, kind: ArgumentKind): void {
    if (expr.kind === 'NameExpr' && this.kindOf(expr.name.text) === undefined) {
      this.add(expr.name, { kind: 'choice', key: `choice ${expr.name.text}` });
    } else if (expr.kind === 'CallExpr') {
      this.word(expr.callee, kind);
      this.settings(expr.args, (value) => {
        this.word(value, kind);
      });
    } else this.value(expr);
  }

  // ------------------------------------------------------------ names

  private use(name: Name): void {
    if (this.kindOf(name.text) !== undefined) return this.local(name, false);
    const entity = this.module.names.get(name.text);
    if (entity !== undefined) return this.global(name, entity);
    if (surfaceOps.has(name.text)) {
      this.add(name, { kind: 'operation', key: `operation ${name.text}`, op: name.text });
    } else if (builtins.has(name.text)) this.add(name, { kind: 'function', key: `function ${name.text}` });
  }

  private bind(name: Name, kind: LocalKind): void {
    if (this.kindOf(name.text) === undefined || kind !== 'variable') this.scopes.at(-1)?.set(name.text, kind);
    this.local(name, true);
  }

  private local(name: Name, isDefinition: boolean): void {
    const kind = this.kindOf(name.text);
    if (kind === undefined) return;
    const owner = this.ownerOf(name.text);
    const key = localKey(this.module.path, owner, name.text);
    this.add(
      name,
      { kind: kind === 'axis' ? 'hyper' : kind, key, owner, path: this.module.path },
      isDefinition,
    );
  }

  /** In a `train`, what it does not bind itself belongs to its model. */
  private ownerOf(name: string): Declaration {
    if (this.declaration.kind !== 'TrainDecl' || this.scopes.slice(1).some((scope) => scope.has(name))) {
      return this.declaration;
    }
    const model = this.module.names.get(this.declaration.model.text);
    return model?.kind === 'model' ? model.decl : this.declaration;
  }

  private axis(name: Name, isDefinition = false): void {
    const owner = this.declaration;
    const key = `axis ${localKey(this.module.path, owner, name.text)}`;
    this.add(name, { kind: 'axis', key, owner, path: this.module.path }, isDefinition);
  }

  private global(name: Name, entity: Entity, isDefinition = false): void {
    if (entity.kind === 'poison') return;
    const own = entity.decl.name.text;
    if (own !== name.text && !isDefinition) return this.add(name, this.aliasOf(name.text, entity));
    this.add(name, { kind: entity.kind, key: `global ${entity.module.path}#${own}`, entity }, isDefinition);
  }

  private aliasOf(text: string, entity: Entity): Symbol {
    return { kind: 'alias', key: `alias ${this.module.path}#${text}`, entity };
  }

  private kindOf(name: string): LocalKind | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const kind = this.scopes[i]?.get(name);
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  private add(name: Name, symbol: Symbol, isDefinition = false): void {
    this.found.push({ name, symbol, isDefinition });
  }
}

function localKey(path: string, owner: Declaration, name: string): string {
  const of =
    owner.kind === 'TrainDecl' ? `train ${owner.model.text}` : 'name' in owner ? owner.name.text : '';
  return `local ${path}#${of}.${name}`;
}

function localSymbol(kind: 'hyper' | 'input', { decl, module: { path } }: BlockEntity, name: string): Symbol {
  return { kind, key: localKey(path, decl, name), owner: decl, path };
}

/** The name that an axis declaration uses for its size, where it is a bare name. */
function sizeNameIn(axis: AxisDecl): Name | undefined {
  if (axis.kind === 'RestAxes') return undefined;
  if (axis.size === undefined) return axis.name;
  return axis.size.kind === 'NameExpr' ? axis.size.name : undefined;
}

function isBoundBy({ statements }: Body, name: string): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'BindStmt':
        return statement.targets.some(({ text }) => text === name);
      case 'InputStmt':
      case 'OutputStmt':
      case 'ParamStmt':
        return statement.name.text === name;
      default:
        return false;
    }
  });
}
