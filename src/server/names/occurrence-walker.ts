import type { ResolvedModule } from '../../compiler/resolve/program.ts';
import type {
  AxisDecl,
  BlockDecl,
  Body,
  Declaration,
  Expr,
  HyperDecl,
  HyperType,
  Name,
  TensorType,
  TrainDecl,
} from '../../compiler/syntax/ast.ts';
import { namesOf } from '../../compiler/syntax/walk.ts';
import { BodyWalker } from './body-walker.ts';
import { NamesInScope } from './names-in-scope.ts';
import type { Occurrence } from './occurrence.ts';

/** Walks one declaration and tells of each name what it stands for. Names of nothing are left out. */
export class OccurrenceWalker {
  private readonly module: ResolvedModule;
  private readonly declaration: Declaration;
  private readonly names: NamesInScope;
  private readonly inside: BodyWalker;

  constructor(module: ResolvedModule, declaration: Declaration) {
    this.module = module;
    this.declaration = declaration;
    this.names = new NamesInScope(module, declaration);
    this.inside = new BodyWalker(module, this.names);
  }

  run(): Occurrence[] {
    const { declaration } = this;
    switch (declaration.kind) {
      case 'ImportDecl':
        for (const { name, alias } of declaration.names) this.imported(name, alias);
        break;
      case 'LabelsDecl':
        this.declared(declaration.name);
        this.inside.value(declaration.values);
        break;
      case 'BlockDecl':
        this.declared(declaration.name);
        this.block(declaration);
        break;
      case 'ModelDecl':
        this.declared(declaration.name);
        for (const hyper of declaration.hypers) this.hyper(hyper);
        for (const condition of declaration.where) this.inside.value(condition);
        for (const statement of declaration.body.statements) {
          if (statement.kind === 'InputStmt') this.bareSizes(statement.type);
        }
        this.inside.body(declaration.body);
        break;
      case 'TrainDecl':
        this.train(declaration);
        break;
    }
    return this.names.found;
  }

  private imported(name: Name, alias: Name | undefined): void {
    const entity = this.module.names.get((alias ?? name).text);
    if (entity === undefined) return;
    this.names.global(name, entity);
    if (alias !== undefined) this.names.add(alias, this.names.aliasOf(alias.text, entity), true);
  }

  private declared(name: Name): void {
    const entity = this.module.names.get(name.text);
    if (entity !== undefined) this.names.global(name, entity, true);
  }

  private block({ hypers, inputs, outputs, where, body }: BlockDecl): void {
    for (const hyper of hypers) this.hyper(hyper);
    for (const { type } of inputs) this.bareSizes(type);
    for (const { name, type } of inputs) {
      this.names.bind(name, 'input');
      this.inside.type(type);
    }
    for (const type of outputs) this.inside.type(type);
    for (const condition of where) this.inside.value(condition);
    this.inside.body(body);
  }

  private hyper({ name, type, default: otherwise }: HyperDecl): void {
    if (otherwise !== undefined) this.inside.value(otherwise);
    this.hyperType(type);
    const isAxis = type.kind === 'PlainHyper' && type.name === 'axis';
    this.names.bind(name, isAxis ? 'axis' : 'hyper');
    if (isAxis) this.names.axis(name, true);
  }

  private hyperType(type: HyperType): void {
    if (type.kind === 'ListHyper') this.hyperType(type.element);
    if (type.kind !== 'BlockHyper') return;
    for (const { axes } of [...type.inputs, ...type.outputs]) {
      for (const axis of axes) {
        this.names.axis(axis.name);
        // Other names in the type of a block are its own.
        if (axis.kind !== 'NamedAxis' || axis.size === undefined) continue;
        for (const text of namesOf(axis.size)) if (this.names.kindOf(text) === undefined) return;
        this.inside.value(axis.size);
      }
    }
  }

  private train({ model, items }: TrainDecl): void {
    const entity = this.module.names.get(model.text);
    if (entity?.kind !== 'model') return;
    this.names.global(model, entity);
    const { decl } = entity;
    // What a `train` does not bind itself is the model's.
    for (const name of namesOf([...decl.hypers.map((hyper) => hyper.name), decl.body])) {
      if (isBoundBy(decl.body, name) || decl.hypers.some((hyper) => hyper.name.text === name)) {
        this.names.bindOutside(name);
      }
    }
    this.names.open();
    for (const item of items) {
      if (item.kind === 'BindStmt') this.inside.statement(item);
      else if (item.kind === 'TrainTensor') {
        this.names.bind(item.name, 'input');
        this.inside.type(item.type);
      } else {
        this.names.add(item.name, { kind: 'setting', key: `setting ${item.name.text}` });
        this.setting(item.value);
      }
    }
  }

  /** `adamw(lr: 1e-4)`: words of the recipe, and values. */
  private setting(value: Expr): void {
    if (value.kind === 'NameExpr' && this.names.kindOf(value.name.text) === undefined) {
      this.names.add(value.name, { kind: 'choice', key: `choice ${value.name.text}` });
    } else if (value.kind === 'CallExpr' && value.callee.kind === 'NameExpr') {
      this.setting(value.callee);
      this.inside.settings(value.args, (argument) => {
        this.inside.value(argument);
      });
    } else this.inside.value(value);
  }

  /** The sizes that bare axes introduce are known in all types of the head, before and after. */
  private bareSizes({ axes }: TensorType): void {
    for (const axis of axes) {
      const name = sizeNameIn(axis);
      if (name === undefined || this.names.kindOf(name.text) !== undefined) continue;
      if (this.module.names.has(name.text) && axis.kind === 'NamedAxis' && axis.size !== undefined) continue;
      this.names.bind(name, 'size');
    }
  }
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
