import { axisNames, type TensorType } from '../../ir/tensor-type.ts';
import type { Func, ParamDecl, Path, Region, Value } from '../../ir/module.ts';
import type { Prop } from '../../shapes/prop.ts';
import type { SortAxes } from '../axis-order.ts';
import { member, stringLiteral } from './literals.ts';
import { mentions, type Names } from './names.ts';
import { Scope } from './scope.ts';
import { SizeNames, type Located } from './size-names.ts';
import type { Uses } from './value-uses.ts';

export type Order = readonly string[];

/** An expression, and what has to be known before it is written into another. */
export interface Expression {
  readonly text: string;
  /** How many calls of it were written into each other. */
  readonly depth: number;
  /** Whether evaluating it changes state, so that its place among other such expressions matters. */
  readonly isStateful: boolean;
  /** For a list literal: its items. */
  readonly items?: readonly string[];
  /** Whether it reads better where it is used than under a name, even one that the user gave. */
  readonly isLight?: true;
}

/** How a value can be had at the place that is being written. */
export type Held =
  /** A name, or something as short, that may be written any number of times. */
  | {
      readonly kind: 'name';
      readonly text: string;
      readonly order: Order;
      readonly region: Region;
      /** A `let`, which another value may take over. */
      readonly isMutable?: true;
      /** An array that nobody else has, so that items may be pushed onto it. */
      readonly isOwned?: true;
      /** The line that declares the variable as this value. */
      readonly declared?: Place;
    }
  /** An expression that is written where its only use is. */
  | {
      readonly kind: 'pending';
      readonly value: Value;
      readonly expression: Expression;
      readonly order: Order;
      /** A variable whose value is no longer needed, and of the same name in the source. */
      readonly successorOf: Value | undefined;
    }
  /** A parameter: its first use decides how its axes lie. */
  | { readonly kind: 'param'; readonly decl: ParamDecl; readonly text: string };

interface Place {
  readonly scope: Scope;
  readonly index: number;
}

/** Expressions deeper or longer than this get a name; longer ones where they are returned. */
const MAX_DEPTH = 3;
const MAX_LENGTH = 100;
const MAX_RETURNED_LENGTH = 240;
/** How far ahead a name is looked for: in a long chain without names every value would otherwise look to its end. */
const MAX_STEPS_TO_NAME = 8;

export const plain = (text: string): Expression => ({ text, depth: 0, isStateful: false });

/** The type of a tensor, or of the elements of a list. */
export function tensorTypeOf(value: Value): TensorType {
  return value.kind === 'list' ? value.type.element : value.type;
}

export interface ValueTableOptions {
  readonly func: Func;
  readonly uses: ReadonlyMap<number, Uses>;
  readonly names: Names;
  readonly sorted: SortAxes;
  /** Whether a value goes by a name that no user gave it. */
  isAnonymous(hint: string): boolean;
  /** Whether a size that no input has can be asked of the caller. */
  readonly hasOptions: boolean;
}

/**
 * The values of a function while it is written: what each is called, which are still to be written, in what order
 * their axes lie, and where sizes can be read.
 */
export class ValueTable {
  readonly names: Names;
  readonly uses: ReadonlyMap<number, Uses>;
  readonly sorted: SortAxes;
  readonly orders = new Map<ParamDecl, Order>();
  usesWeights = false;
  readonly sizes: SizeNames;
  scope: Scope;
  private readonly options: ValueTableOptions;
  private readonly held = new Map<number, Held>();
  /** Variables that change, with the values that they hold at present. */
  private readonly mutable = new Map<string, Value>();
  /** The variables that certain values go to in the end: the next turn's. */
  private readonly targets = new Map<number, string>();
  /** Variables that other values go by as well. */
  private readonly aliased = new Set<string>();
  private statefulPending: number | undefined;

  constructor(options: ValueTableOptions) {
    this.options = options;
    this.names = options.names;
    this.uses = options.uses;
    this.sorted = options.sorted;
    this.scope = new Scope(options.func.body, undefined, options.func.outputs);
    const { func, names, hasOptions } = options;
    const scope = (): Scope => this.scope;
    this.sizes = new SizeNames({ func, names, hasOptions, scope, locate: (id) => this.locate(id) });
  }

  // ------------------------------------------------------------ lines and scopes

  line(text: string): void {
    this.scope.lines.push(text);
  }

  /** Runs `write` in a new scope, in which more may be known of the sizes, and returns that. */
  inner(region: Region, results: readonly Value[], write: () => void, fact?: Prop): Scope {
    const [outside, inside] = [this.scope, new Scope(region, this.scope, results)];
    this.scope = inside;
    this.sizes.knowing(fact, write);
    this.scope = outside;
    return inside;
  }

  declareParams(region: Region): void {
    for (const decl of region.params) {
      this.held.set(decl.value.id, { kind: 'param', decl, text: `w${this.pathText(decl.path)}` });
    }
  }

  /** `.groups.ConvBnRelu[i]` */
  pathText(path: Path): string {
    return path
      .map((part) => (typeof part === 'string' ? member(part) : `[${this.sizes.nameOf(part)}]`))
      .join('');
  }

  /** `'groups/ConvBnRelu'`, or a template of the turns of loops: `groups/${i}/ConvBnRelu`. */
  pathLiteral(path: Path): string {
    const names = path.map((part) => (typeof part === 'string' ? part : `\${${this.sizes.nameOf(part)}}`));
    const isFixed = path.every((part) => typeof part === 'string');
    return isFixed ? stringLiteral(names.join('/')) : `\`${names.join('/')}\``;
  }

  // ------------------------------------------------------------ reading values

  isUsed(value: Value): boolean {
    return this.uses.has(value.id);
  }

  isUsedOnce(value: Value): boolean {
    return this.uses.get(value.id)?.count === 1;
  }

  heldAs(value: Value): Held {
    const held = this.held.get(value.id);
    if (held === undefined) throw new Error(`${value.hint} (${value.id}) is used before it is defined`);
    return held;
  }

  /** The program's order of a value's axes. */
  canonical(value: Value): Order {
    return this.sorted(axisNames(tensorTypeOf(value)));
  }

  /** The order in which a value lies; the program's for a parameter that nobody has used yet. */
  orderOf(value: Value): Order {
    const held = this.heldAs(value);
    if (held.kind !== 'param') return held.order;
    return this.orders.get(held.decl) ?? this.canonical(value);
  }

  /** A value with its axes in the given order, to be written once. What was pending is then no longer. */
  take(value: Value, order: Order): Expression {
    const held = this.heldAs(value);
    if (held.kind === 'param') {
      this.usesWeights = true;
      const own = this.orders.get(held.decl) ?? order;
      this.orders.set(held.decl, own);
      return this.moved(value, plain(held.text), own, order);
    }
    if (held.kind === 'name') return this.moved(value, plain(held.text), held.order, order);
    this.scope.find((scope) => scope.pending.delete(value.id) || undefined);
    if (this.statefulPending === value.id) this.statefulPending = undefined;
    return this.moved(value, held.expression, held.order, order);
  }

  private moved(value: Value, expression: Expression, from: Order, to: Order): Expression {
    if (from.every((name, i) => name === to[i])) return expression;
    const permutation = `[${to.map((name) => from.indexOf(name)).join(', ')}]`;
    const { text, depth, isStateful } = expression;
    if (value.kind === 'list') {
      return { text: `${text}.map((x) => tf.transpose(x, ${permutation}))`, depth: depth + 1, isStateful };
    }
    const transposed = { text: `tf.transpose(${text}, ${permutation})`, depth: depth + 1, isStateful };
    if (this.isUsedOnce(value)) return transposed;
    const place = `${value.id}:${to.join()}`;
    const known = this.scope.find((scope) => scope.transposed.get(place));
    if (known !== undefined) return plain(known);
    const name = this.names.fresh(value.hint);
    this.line(`const ${name} = ${transposed.text};`);
    this.scope.transposed.set(place, name);
    return plain(name);
  }

  // ------------------------------------------------------------ defining values

  hold(value: Value, held: Held): void {
    this.held.set(value.id, held);
    if (held.kind === 'name' && held.isMutable === true) this.mutable.set(held.text, value);
    this.sizes.learn(value);
  }

  holdName(
    value: Value,
    text: string,
    more: { readonly isMutable?: true; readonly isOwned?: true } = {},
  ): void {
    this.hold(value, {
      kind: 'name',
      text,
      order: this.canonical(value),
      region: this.scope.region,
      ...more,
    });
  }

  /**
   * Makes an expression the definition of a value: an assignment, a name, or nothing until it is used. `operands` are
   * the values it was made of.
   */
  define(value: Value, expression: Expression, order: Order, operands: readonly Value[] = []): void {
    const { text, isStateful } = expression;
    const uses = this.uses.get(value.id);
    if (uses === undefined) {
      if (isStateful) this.line(`${text};`);
      return;
    }
    const target = this.targetOf(value);
    if (target !== undefined) {
      this.line(`${target} = ${text};`);
      this.hold(value, { kind: 'name', text: target, order, region: this.scope.region, isMutable: true });
      return;
    }
    if (this.isRepeatable(text, uses)) {
      this.holdAlias(value, text, order, operands);
      return;
    }
    const successorOf = operands
      .map((operand) => this.predecessor(operand))
      .find(
        (operand) => operand !== undefined && this.sameName(operand, value) && this.isReplaceable(operand),
      );
    this.hold(value, { kind: 'pending', value, expression, order, successorOf });
    this.scope.pending.add(value.id);
    if (isStateful) this.statefulPending = value.id;
    if (!this.mayStayPending(value, expression, uses)) this.bind(value);
  }

  /** Another value under a text that is there already: an element, a parameter, a renamed tensor. */
  private holdAlias(value: Value, text: string, order: Order, operands: readonly Value[]): void {
    const { region } = this.scope;
    const source = operands.find((operand) => this.isReplaceable(operand));
    const held = source && this.heldAs(source);
    if (source && held?.kind === 'name' && held.text === text && held.declared !== undefined) {
      this.readShapeHere(source);
      this.held.set(source.id, withoutVariable(held));
      this.hold(value, { kind: 'name', text, order, region, declared: held.declared });
      return;
    }
    this.aliased.add(/^[\w$]*/.exec(text)?.[0] ?? text);
    this.hold(value, { kind: 'name', text, order, region });
  }

  private mayStayPending(value: Value, expression: Expression, uses: Uses): boolean {
    const { text, depth, items, isLight } = expression;
    if (uses.count > 1 || uses.region !== this.scope.region) return false;
    if (items !== undefined || isLight === true) return true;
    // What a turn or a branch results in is assigned to a variable in any case.
    if (uses.by?.kind === 'loop' || uses.by?.kind === 'if') return text.length < MAX_RETURNED_LENGTH;
    const next = soleResult(uses);
    const isOnTheWay = next !== undefined && this.nameHint(next) === value.hint;
    if (!isOnTheWay && !this.options.isAnonymous(value.hint)) return false;
    return uses.by === undefined
      ? text.length < MAX_RETURNED_LENGTH
      : depth < MAX_DEPTH && text.length < MAX_LENGTH;
  }

  /** Gives what is pending a name, here. */
  bind(value: Value): void {
    const held = this.heldAs(value);
    if (held.kind !== 'pending') return;
    const { text, items } = this.take(value, held.order);
    const { order, successorOf } = held;
    const { region } = this.scope;
    const known = successorOf && this.replace(successorOf);
    if (known !== undefined) {
      this.line(`${known.text} = ${text};`);
      this.hold(value, { kind: 'name', text: known.text, order, region, declared: known.declared });
      return;
    }
    const name = this.freshName(value);
    const declared = { scope: this.scope, index: this.scope.lines.length };
    this.line(`const ${name} = ${text};`);
    const owned = items === undefined ? {} : { isOwned: true as const };
    this.hold(value, { kind: 'name', text: name, order, region, declared, ...owned });
  }

  /** What a value would replace: itself, or what it replaces where it has no variable of its own. */
  private predecessor(value: Value): Value | undefined {
    const held = this.heldAs(value);
    return held.kind === 'pending' ? held.successorOf : value;
  }

  /** Whether the variable of a value may hold another from here on: declared in this region, and read no more. */
  private isReplaceable(value: Value): boolean {
    const held = this.heldAs(value);
    if (held.kind !== 'name' || held.declared?.scope !== this.scope || held.isOwned === true) return false;
    return !this.aliased.has(held.text) && this.scope.isLastRead(value);
  }

  /** Makes the variable of a value a `let` that the next value may take over, if it may. */
  replace(value: Value): { readonly text: string; readonly declared: Place } | undefined {
    const held = this.heldAs(value);
    if (held.kind !== 'name' || held.declared === undefined || !this.isReplaceable(value)) return undefined;
    const { scope, index } = held.declared;
    this.settle(held.text);
    const line = scope.lines[index];
    if (typeof line === 'string') scope.lines[index] = line.replace(/^const /, 'let ');
    this.readShapeHere(value);
    this.held.set(value.id, withoutVariable(held));
    return { text: held.text, declared: held.declared };
  }

  /** Lets a value be assigned to a variable where it is computed, if nobody then needs what the variable holds. */
  aim(value: Value, variable: string): void {
    this.targets.set(value.id, variable);
  }

  /** The variable that a value computed here can be assigned to at once. */
  targetOf(value: Value): string | undefined {
    const target = this.targets.get(value.id);
    const present = target === undefined ? undefined : this.mutable.get(target);
    return present !== undefined && this.scope.isLastRead(present) ? target : undefined;
  }

  /**
   * Before a statement gives a variable another value: what is pending and reads it is written first. The statement's
   * own operands stay pending, because it takes them before.
   */
  settle(variable: string, operands: readonly Value[] = []): void {
    for (const id of [...this.scope.pending]) {
      const held = this.held.get(id);
      if (held?.kind !== 'pending' || operands.includes(held.value)) continue;
      if (mentions(held.expression.text, variable)) this.bind(held.value);
    }
  }

  /** Before a statement changes state: what is pending and does so too comes first, as in the source. */
  flushStateful(operands: readonly Value[] = []): void {
    const held = this.statefulPending === undefined ? undefined : this.held.get(this.statefulPending);
    if (held?.kind === 'pending' && !operands.includes(held.value)) this.bind(held.value);
  }

  freshName(value: Value): string {
    return this.names.fresh(this.nameHint(value) ?? (value.kind === 'list' ? 'parts' : 'y'));
  }

  /** The name in the source that a value goes by, or that what is made of it next goes by. */
  nameHint(value: Value): string | undefined {
    let next: Value | undefined = value;
    for (let steps = 0; next !== undefined && steps < MAX_STEPS_TO_NAME; steps++) {
      if (!this.options.isAnonymous(next.hint)) return next.hint;
      const uses = this.uses.get(next.id);
      next = uses === undefined || uses.region !== this.scope.region ? undefined : soleResult(uses);
    }
    return undefined;
  }

  private sameName(a: Value, b: Value): boolean {
    return a.kind === b.kind && this.nameHint(a) === this.nameHint(b);
  }

  /** Whether an expression may be written several times: names, parameters, elements, numbers. */
  private isRepeatable(text: string, uses: Uses): boolean {
    if (/^-?[\d.]+(e[+-]?\d+)?$|^-?Infinity$/.test(text)) return true;
    const match = /^([A-Za-z_$][\w$]*)(\.[A-Za-z_$][\w$]*|\[[^[\]]*\])*$/.exec(text);
    if (match === null || this.mutable.has(match[1] ?? '')) return false;
    return match[2] === undefined || !text.endsWith(']') || uses.count === 1;
  }

  // ------------------------------------------------------------ shapes

  readShapeHere(value: Value): void {
    this.sizes.readHere(value);
  }

  private locate(id: number): Located {
    const before = this.held.get(id);
    if (before?.kind === 'pending') this.bind(before.value);
    const held = this.held.get(id);
    if (held?.kind !== 'name') throw new Error('a shape is read that nobody has');
    return held;
  }
}

/** A name that is no longer the value's to give away. */
function withoutVariable({ text, order, region }: Extract<Held, { kind: 'name' }>): Held {
  return { kind: 'name', text, order, region };
}

/** What the only use of a value makes, where that is an op or a call with one result. */
function soleResult({ count, by }: Uses): Value | undefined {
  const results = by?.kind === 'op' || by?.kind === 'call' ? by.outputs : [];
  return count === 1 && results.length === 1 ? results[0] : undefined;
}
