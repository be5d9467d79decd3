import type { Func, Value } from '../../ir/module.ts';
import type { Prop } from '../../shapes/prop.ts';
import { soleVariable, type Size, type SizeVar } from '../../shapes/size.ts';
import type { Names } from './names.ts';
import type { Scope, ShapeRead } from './scope.ts';
import {
  exactDivisions,
  propExpression,
  sizeExpression,
  sizeOperand,
  type SizeScope,
} from './size-expressions.ts';

/** Where the shape of a value can be read at the place that is being written. */
export interface Located {
  readonly text: string;
  readonly order: readonly string[];
}

/** What the table of sizes asks of the function around it. */
export interface SizeNamesOptions {
  readonly func: Func;
  readonly names: Names;
  /** Whether a size that no input has can be asked of the caller. */
  readonly hasOptions: boolean;
  readonly scope: () => Scope;
  /** Gives a value a name, if it has none. */
  readonly locate: (id: number) => Located;
}

interface Source {
  readonly id: number;
  readonly axis: string;
  /** The value is a list: its first element has the axis. */
  readonly isList: boolean;
}

/** The names of sizes while a function is written. A size is read off a shape when something first asks for it. */
export class SizeNames {
  private readonly options: SizeNamesOptions;
  private readonly hypers: ReadonlySet<SizeVar>;
  /** Sizes that callers must pass, with their names. */
  private readonly asked = new Map<SizeVar, string>();
  /** The value and axis whose length a size is. */
  private readonly sources = new Map<SizeVar, Source>();
  private readonly withSources = new Set<number>();
  private readonly reads = new Map<number, { readonly read: ShapeRead; readonly scope: Scope }>();
  /** Properties of sizes that hold at the current place, and the divisions they make exact. */
  private facts: readonly Prop[];
  private isExact: SizeScope['isExact'];

  constructor(options: SizeNamesOptions) {
    const { func } = options;
    this.options = options;
    this.hypers = new Set(func.sizes.slice(0, func.hyperCount));
    this.facts = func.where.map(({ prop }) => prop);
    this.isExact = exactDivisions(this.facts);
  }

  // ------------------------------------------------------------ expressions

  text(size: Size): string {
    return sizeExpression(size, this.sizeScope());
  }

  operand(size: Size): string {
    return sizeOperand(size, this.sizeScope());
  }

  condition(prop: Prop): string {
    return propExpression(prop, this.sizeScope());
  }

  private sizeScope(): SizeScope {
    return { nameOf: (variable) => this.nameOf(variable), isExact: this.isExact };
  }

  /** Runs `write` where one more property of sizes is known. */
  knowing(fact: Prop | undefined, write: () => void): void {
    if (fact === undefined) return write();
    const [facts, isExact] = [this.facts, this.isExact];
    this.facts = [...facts, fact];
    this.isExact = exactDivisions(this.facts);
    write();
    this.facts = facts;
    this.isExact = isExact;
  }

  // ------------------------------------------------------------ names

  /** The sizes that callers must pass, in the order in which they are declared. */
  passed(): readonly { readonly variable: SizeVar; readonly name: string }[] {
    return this.options.func.sizes.flatMap((variable) => {
      const name = this.asked.get(variable);
      return name === undefined ? [] : [{ variable, name }];
    });
  }

  nameOf(variable: SizeVar): string {
    const known = this.options.scope().find((scope) => scope.sizes.get(variable)) ?? this.asked.get(variable);
    if (known !== undefined) return known;
    const source = this.sources.get(variable);
    if (source !== undefined) return this.read(variable, source);
    const { func, names, hasOptions } = this.options;
    if (!hasOptions || !func.sizes.includes(variable)) {
      throw new Error(`the size ${variable.name} is not known in ${func.id}`);
    }
    const name = names.fresh(variable.name);
    this.asked.set(variable, name);
    return name;
  }

  private read(variable: SizeVar, { id, axis, isList }: Source): string {
    const { names, scope, locate } = this.options;
    const { text, order } = locate(id);
    const position = order.indexOf(axis);
    const name = names.fresh(variable.name);
    const place = this.reads.get(id);
    if (place === undefined) {
      scope().lines.push(`const ${name} = ${text}${isList ? '[0]' : ''}.shape[${position}];`);
      scope().sizes.set(variable, name);
    } else {
      place.read.names.set(position, name);
      place.scope.sizes.set(variable, name);
    }
    return name;
  }

  // ------------------------------------------------------------ sources

  /** Remembers which sizes the shape of a value tells. Hyper-parameters are told by the caller. */
  learn(value: Value): void {
    const isList = value.kind === 'list';
    const { axes } = isList ? value.type.element : value.type;
    for (const { name, size } of axes) {
      const variable = soleVariable(size);
      if (variable === undefined || this.sources.has(variable) || this.hypers.has(variable)) continue;
      this.sources.set(variable, { id: value.id, axis: name, isList });
      if (!isList) this.withSources.add(value.id);
    }
  }

  /** Makes this the place where the shape of a value is read, if it is: before its variable gets another value. */
  readHere(value: Value): void {
    if (!this.withSources.has(value.id) || this.reads.has(value.id)) return;
    const scope = this.options.scope();
    const read: ShapeRead = { variable: this.options.locate(value.id).text, names: new Map() };
    scope.lines.push(read);
    this.reads.set(value.id, { read, scope });
  }
}
