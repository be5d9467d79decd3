import type { Block, Hyper } from './block.ts';
import { Choices } from './choices.ts';
import { canBeWritten, holds, print, variablesOf, type Condition } from './condition.ts';
import { numeral, variable, variablesOf as variablesOfSize, type SizeExpression } from './size-expression.ts';
import { printHead } from './print-head.ts';
import type { Tensor, TensorType } from './tensor.ts';

const mostConditions = 24;

/**
 * A block in the making: statements append lines to it, ask for hyper-parameters and make demands on the sizes of the
 * signature. What they write is right by construction under these demands.
 */
export class BlockWriter {
  /** Those of the statement at hand, so that one statement can go without changing the others. */
  choices = new Choices([]);
  /** What may be called. */
  readonly blocks: readonly Block[];
  private readonly letter: string;
  private readonly hypers: Hyper[] = [];
  private readonly where = new Map<string, Condition>();
  private readonly inferred: Condition[] = [];
  private readonly deferred: Condition[] = [];
  private readonly occasions: (readonly Condition[])[] = [];
  private readonly pinned = new Set<string>();
  private lines: string[] = [];
  private scope: Tensor[];
  private depth = 0;
  private names = 0;
  private axes = 0;

  /** @param letter that axes made here begin with: blocks that call each other must not make axes of one name */
  constructor(letter: string, inputs: readonly Tensor[], blocks: readonly Block[]) {
    this.letter = letter;
    this.scope = [...inputs];
    this.blocks = blocks;
    for (const { axes } of inputs) {
      if (inputs.length === 1) continue;
      // Several inputs hold each other to equal sizes.
      for (const name of axes.keys()) if (name !== 'N') this.pinned.add(name);
    }
  }

  // ------------------------------------------------------------ values

  get values(): readonly Tensor[] {
    return this.scope;
  }

  /** Whether what is written now is run in some cases only, or several times. */
  get isInside(): boolean {
    return this.depth > 0;
  }

  /** One of the values that fit, often the newest, so that statements build on each other. */
  choose(fits: (value: Tensor) => boolean = () => true): Tensor | undefined {
    const fitting = this.scope.filter(fits).toReversed();
    return this.choices.chance(40) ? this.choices.pickOf(fitting) : fitting[0];
  }

  chooseFloat(fits: (value: Tensor) => boolean = () => true): Tensor | undefined {
    return this.choose((value) => value.dtype === 'f32' && fits(value));
  }

  line(text: string): void {
    this.lines.push(`${'  '.repeat(this.depth + 1)}${text}`);
  }

  /** Binds an expression to a new name. */
  bind(text: string, type: TensorType, isExact = type.dtype !== 'f32'): Tensor {
    const name = this.freshName();
    this.line(`${name} = ${text}`);
    return this.declare(name, type, isExact);
  }

  /** A value that has been written already. */
  declare(name: string, { dtype, axes, rest }: TensorType, isExact = dtype !== 'f32'): Tensor {
    const value: Tensor = { name, dtype, axes, rest, isExact };
    this.scope.push(value);
    return value;
  }

  /** Another type for a name that is bound again. */
  rebind(value: Tensor, type: TensorType): void {
    this.scope = this.scope.filter(({ name }) => name !== value.name);
    this.declare(value.name, type, false);
  }

  /** Statements between braces. What they bind is known in them alone. */
  inside(head: string, write: () => void, tail = '}'): void {
    const outside = [...this.scope];
    this.line(head);
    this.depth++;
    write();
    this.depth--;
    this.line(tail);
    this.scope = outside;
  }

  /** Another body after an `else`. */
  otherwise(head: string, write: () => void): void {
    this.lines.pop();
    this.inside(head, write);
  }

  freshName(): string {
    return `v${this.names++}`;
  }

  freshAxis(): string {
    return `${this.letter}${this.axes++}`;
  }

  // ------------------------------------------------------------ hyper-parameters

  /** An `int` that is `least` or more, which is asked of the caller; sometimes one that is there already. */
  int(least: number, most: number): SizeExpression {
    const known = this.hypers.filter((hyper) => hyper.kind === 'int' && hyper.least >= least);
    if (known.length > 0 && this.choices.chance(25)) {
      return variable(this.choices.pickOf(known)?.name ?? '');
    }
    const name = `k${this.hypers.length}`;
    this.hypers.push({ kind: 'int', name, least, most });
    this.pin(variable(name));
    this.require({ left: variable(name), operator: '>=', right: numeral(least) });
    return variable(name);
  }

  /** A hyper-parameter, or a number in its place. */
  intOr(number: number, least: number, most: number): SizeExpression {
    return this.choices.chance(50) ? this.int(least, most) : numeral(number);
  }

  flag(): string {
    return this.add({ kind: 'bool', name: `flag${this.hypers.length}` });
  }

  float(): string {
    return this.add({ kind: 'float', name: `rate${this.hypers.length}` });
  }

  word(options: readonly [string, ...string[]]): string {
    return this.add({ kind: 'string', name: `mode${this.hypers.length}`, options });
  }

  inner(value: TensorType): string {
    return this.add({ kind: 'block', name: `inner${this.hypers.length}`, value });
  }

  private add(hyper: Hyper): string {
    this.hypers.push(hyper);
    return hyper.name;
  }

  // ------------------------------------------------------------ demands

  /** Written behind `where`. False where no numbers could meet the demand: then nothing may be written that needs it. */
  require(condition: Condition): boolean {
    if (variablesOf(condition).length === 0) return holds(condition, new Map());
    this.where.set(print(condition), condition);
    this.pinAll(condition);
    return true;
  }

  /** Found by the compiler. It is written after all where a body that may not run makes the demand. */
  infer(condition: Condition): boolean {
    if (this.isInside && canBeWritten(condition)) return this.require(condition);
    if (variablesOf(condition).length === 0) return holds(condition, new Map());
    this.inferred.push(condition);
    this.pinAll(condition);
    return true;
  }

  /** Decided when sizes are numbers. */
  defer(condition: Condition): void {
    this.deferred.push(condition);
    this.pinAll(condition);
  }

  /** For some numbers all of this must hold, else a body could never run. False where there are no such numbers. */
  allow(...occasion: readonly Condition[]): boolean {
    const isOpen = (condition: Condition): boolean => variablesOf(condition).length > 0;
    if (!occasion.every((condition) => isOpen(condition) || holds(condition, new Map()))) return false;
    this.occasions.push(occasion.filter(isOpen));
    return true;
  }

  /** Whether another demand may be made: a `where` has a limited number of them, and the numbers must meet all. */
  get hasRoom(): boolean {
    return this.where.size < mostConditions;
  }

  /** The size must be known when the program is compiled. */
  pin(...sizes: readonly SizeExpression[]): void {
    for (const size of sizes) for (const name of variablesOfSize(size)) this.pinned.add(name);
  }

  private pinAll(condition: Condition): void {
    for (const name of variablesOf(condition)) this.pinned.add(name);
  }

  // ------------------------------------------------------------ the whole

  /** The block that returns these values. */
  finish(
    name: string,
    inputs: readonly Tensor[],
    results: readonly Tensor[],
    outputs: readonly TensorType[],
  ): Block {
    const signature = { name, hypers: this.hypers, inputs, outputs, where: [...this.where.values()] };
    const body = [...this.lines, `  return ${results.map((result) => result.name).join(', ')}`];
    return {
      ...signature,
      inferred: this.inferred,
      deferred: this.deferred,
      occasions: this.occasions,
      pinned: this.pinned,
      text: [printHead(signature), '{', ...body, '}'].join('\n'),
    };
  }
}
