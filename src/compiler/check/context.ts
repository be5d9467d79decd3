import type { Code } from '../diagnostics/codes.ts';
import {
  errorAt,
  hasErrors,
  type Diagnostic,
  type DiagnosticDetails,
  type Fix,
  type Related,
} from '../diagnostics/diagnostic.ts';
import type { ListValue, Path, Requirement, TensorValue, Value } from '../ir/module.ts';
import { printType, type ListType, type TensorType, type ValueType } from '../ir/tensor-type.ts';
import type { ResolvedModule } from '../resolve/program.ts';
import { Facts } from '../shapes/facts.ts';
import type { Prop } from '../shapes/prop.ts';
import { freshVar, varsOf, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, Expr, Name, Statement } from '../syntax/ast.ts';
import type { Checker } from './checker.ts';
import type { LeftOpen } from './left-open.ts';
import { entry } from './map-entry.ts';
import { PathTable } from './path-table.ts';
import { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import type { Val } from './value.ts';

/**
 * What a body is read for.
 *
 * - `definition`: for every size and hyper-parameter. It reports; what it emits is thrown away.
 * - `function`: for some structural hyper-parameters, and every size. It emits the IR function. What its definition
 *   could not know, such as a block among the hyper-parameters, may leave checks for the sizes of each call.
 * - `trial`: as `function`, while a block is defined that hands such hyper-parameters over. What is left open becomes a
 *   requirement of that call; what it emits is thrown away.
 * - `top`: a model or its training. Nothing calls it, so that nothing is left open.
 */
export type Purpose = 'definition' | 'function' | 'trial' | 'top';

/**
 * The recursion of the engine. Expressions lead to calls, calls to definitions of blocks, these to statements and back
 * to expressions; handed in as two functions, it leaves the modules of this folder to import each other one way.
 */
export interface Engine {
  evaluate(cx: Context, expr: Expr): Val;
  checkStatements(cx: Context, statements: readonly Statement[]): void;
}

/** What a size is, to complete "C is", and the place that made it. */
export interface Origin {
  readonly span: Span;
  readonly what: string;
}

interface Attempt {
  readonly undo: (() => void)[];
  readonly diagnostics: Diagnostic[];
}

/** The outcome of something tried: nothing has been said or done until it is committed. */
export interface Attempted<T> {
  readonly result: T;
  /** Whether it complained. */
  readonly failed: boolean;
  commit(): void;
  rollback(): void;
}

/**
 * Everything that belongs to one body while it is checked: its file, its facts and the IR being made. Loops and
 * branches change `region`, `scope` and `facts` for a while and put them back. What is asked of sizes is in
 * `demands.ts`.
 */
export class Context {
  readonly checker: Checker;
  readonly module: ResolvedModule;
  readonly purpose: Purpose;
  /** The function being checked, for messages. */
  readonly name: string;
  /** The hyper-parameters alone. */
  readonly hyperScope = new Scope(undefined);
  /** The block whose body it is; undefined in models and what is read outside of bodies. */
  block: BlockDecl | undefined;
  scope = new Scope(this.hyperScope);
  /** In a training: what its model binds, and does not show to it. */
  inner: ReadonlySet<string> = new Set();
  region = RegionBuilder.ofFunction();
  facts: Facts;
  /**
   * In a function of which the definition has shown all there is to show about sizes, and in a definition whose `where` could
   * not be read in full: nothing is shown of them.
   */
  isProven = false;
  /** In a definition that had to assume something of which sizes may depend, such as the outputs of a block. */
  isPartial = false;
  /** Whether something waits for the sizes of the model. */
  isOpen = false;
  /** In a definition that hands on blocks or lists of which it knows no more itself. */
  handsOn = false;
  /** In a definition, which does not emit them: the calls of blocks. */
  callCount = 0;
  /** In a definition: whether one of these, in no branch and no loop, has weights. */
  callsWeights = false;
  /** In a trial: what is left to the sizes of the call. */
  readonly leftOpen: LeftOpen[] = [];
  /** What the signature must demand beyond its `where`: `size >= k` found on the way. */
  readonly inferred: Requirement[] = [];
  /** The sizes of the parameters that the body declares, in sizes of the signature, by key. */
  readonly paramSizes = new Map<string, Size>();
  /** The sizes that the signature binds; only properties of these can be demanded of a caller. */
  signatureSizes: ReadonlySet<SizeVar> = new Set();
  /** Conditions of the branches and loops around the current place. */
  readonly guards: Prop[] = [];
  /** Sizes of which little is known: those that a loop changes in no regular way, and elements of unknown lists. */
  readonly opaque = new Set<SizeVar>();
  /** How many loops so far have left such a size behind. */
  irregularLoops = 0;
  /** Where the sizes that only a part of the body knows belong: turns of loops, and what loops make opaque. */
  private readonly regions = new Map<SizeVar, RegionBuilder>();
  /** For the turn of each loop that is not unrolled, how many there are. */
  readonly turnCounts = new Map<SizeVar, Size>();
  /** Where each size variable was declared. */
  readonly origins = new Map<SizeVar, Origin>();
  /** Where each value of the IR was made, by its id. */
  private readonly places = new Map<number, Span>();
  /** What the statement at hand binds, and whether it makes one parameterised instance only. */
  naming: { readonly binding: string | undefined; readonly sole: boolean } = {
    binding: undefined,
    sole: false,
  };
  private paths = new PathTable();
  /** The mistakes by which several instances want one path. */
  private readonly clashes = new Set<string>();
  /** The fixes of these, and the names that they bring: each mistake has one, however often the body is read. */
  private readonly clashFixes = new Map<string, Fix | undefined>();
  readonly fixNames = new Set<string>();
  /** Errors so far, those of attempts among them. */
  errorCount = 0;
  private nextId = 0;
  private attempt: Attempt | undefined;

  constructor(checker: Checker, module: ResolvedModule, purpose: Purpose, name: string, facts = Facts.empty) {
    this.checker = checker;
    this.module = module;
    this.purpose = purpose;
    this.name = name;
    this.facts = facts;
  }

  // ------------------------------------------------------------ the engine

  /** The value of an expression; `poison` after a complaint. */
  evaluate(expr: Expr): Val {
    return this.checker.engine.evaluate(this, expr);
  }

  checkStatements(statements: readonly Statement[]): void {
    this.checker.engine.checkStatements(this, statements);
  }

  // ------------------------------------------------------------ values of the IR

  tensor(hint: string, type: TensorType, place?: Span): TensorValue {
    return { kind: 'tensor', id: this.newId(place), hint, type };
  }

  list(hint: string, type: ListType, place?: Span): ListValue {
    return { kind: 'list', id: this.newId(place), hint, type };
  }

  value(hint: string, type: ValueType, place?: Span): Value {
    return type.kind === 'list' ? this.list(hint, type, place) : this.tensor(hint, type, place);
  }

  /** Values made from here on have this id or a larger one. */
  get mark(): number {
    return this.nextId;
  }

  /**
   * The value that a statement binds takes the statement's name, if the statement has made it; those on the way keep
   * the names of their ops.
   */
  nameValue(value: Value, hint: string, since: number): void {
    const draft: { hint: string } = value;
    if (value.id >= since) draft.hint = hint;
  }

  private newId(place: Span | undefined): number {
    const id = this.nextId++;
    if (place !== undefined) this.places.set(id, place);
    return id;
  }

  // ------------------------------------------------------------ names

  /** Binds a name where it is written, and notes its value for editors. */
  declare(name: Name, val: Val, isTyped = false): void {
    this.scope.bind(name.text, val, name.span);
    if (this.purpose === 'function') return;
    const { complaints } = this.checker;
    const note = { name, val, isTyped };
    complaints.note(note);
    this.onUndo(() => {
      complaints.dropNote(note);
    });
  }

  // ------------------------------------------------------------ complaints

  /** Always undefined, so that a rule can `return cx.error(...)`. */
  error(code: Code, span: Span, message: string, details: DiagnosticDetails = {}): undefined {
    this.report(errorAt(code, span, message, details));
    return undefined;
  }

  report(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.errorCount++;
    if (this.attempt !== undefined) this.attempt.diagnostics.push(diagnostic);
    else this.checker.complaints.report(diagnostic, this);
  }

  /** Where the sizes in a message come from. */
  originsOf(vars: Iterable<SizeVar>): Related[] {
    const related: Related[] = [];
    for (const v of new Set(vars)) {
      const origin = this.origins.get(v);
      if (origin !== undefined) related.push({ span: origin.span, message: `${v.name} is ${origin.what}` });
    }
    return related;
  }

  /** Where values in a complaint at `span` were made. */
  placesOf(values: readonly Value[], span: Span): Related[] {
    const related = new Map<string, Related>();
    for (const { id, hint, type } of values) {
      const place = this.places.get(id);
      if (place === undefined || (place.file === span.file && place.start === span.start)) continue;
      related.set(`${place.start} ${place.end}`, {
        span: place,
        message: `\`${hint}\` ${printType(type)} comes from here`,
      });
    }
    return [...related.values()];
  }

  // ------------------------------------------------------------ attempts

  /**
   * Tries something, such as a loop's body under a guess of its shapes. Rolled back, it is as if it had never been.
   */
  speculate<T>(run: () => T): Attempted<T> {
    const { region, scope, facts, paths, attempt: outer } = this;
    const attempt: Attempt = { undo: [], diagnostics: [] };
    const statements = region.statements.length;
    const inferred = this.inferred.length;
    const leftOpen = this.leftOpen.length;
    const { isOpen } = this;
    const guards = this.guards.length;
    const claimed = paths.mark();
    this.attempt = attempt;
    let result: T;
    try {
      result = run();
    } finally {
      this.attempt = outer;
      this.guards.length = guards;
      Object.assign(this, { region, scope, facts });
    }
    return {
      result,
      failed: hasErrors(attempt.diagnostics),
      commit: () => {
        for (const diagnostic of attempt.diagnostics) this.report(diagnostic);
        for (const undo of attempt.undo) outer?.undo.push(undo);
      },
      rollback: () => {
        for (const undo of attempt.undo.toReversed()) undo();
        region.statements.length = statements;
        this.inferred.length = inferred;
        this.leftOpen.length = leftOpen;
        this.isOpen = isOpen;
        paths.release(claimed);
      },
    };
  }

  /** Registers how to take back something done outside of the region at hand. */
  onUndo(undo: () => void): void {
    this.attempt?.undo.push(undo);
  }

  // ------------------------------------------------------------ sizes

  /** A size that only the region at hand knows, such as the turn of a loop. */
  localSize(v: SizeVar, region = this.region): void {
    this.regions.set(v, region);
  }

  /** A size of which nothing is known but that it is at least `min`, undefined for any integer, and where it comes from. */
  freshOpaque(name: string, min: number | undefined, origin?: Origin): SizeVar {
    const v = freshVar(name);
    this.opaque.add(v);
    if (origin !== undefined) this.origins.set(v, origin);
    this.localSize(v);
    if (min !== undefined) this.facts = this.facts.withVar(v, { min });
    return v;
  }

  /** Remembers the size of a parameter where it depends on the signature, so that calls can be held to share it. */
  noteParamSize(size: Size): void {
    const vars = varsOf(size);
    if (vars.length > 0 && vars.every((v) => this.signatureSizes.has(v))) this.paramSizes.set(size.key, size);
  }

  /** Whether a size means something in a region. */
  isKnownIn(size: Size, region: RegionBuilder): boolean {
    return varsOf(size).every((v) => this.regions.get(v)?.encloses(region) ?? true);
  }

  // ------------------------------------------------------------ paths

  /** Evaluates something whose instances are not made here: a block that is passed on as a hyper-parameter. */
  detached<T>(run: () => T): T {
    const { paths } = this;
    this.paths = new PathTable();
    try {
      return run();
    } finally {
      this.paths = paths;
    }
  }

  /** Runs two things of which only one will happen, so that they may use the same paths. */
  either<T>(first: () => T, second: () => T): readonly [T, T] {
    const { paths } = this;
    const mark = paths.mark();
    const a = first();
    const claims = paths.release(mark);
    const b = second();
    paths.restore(claims);
    return [a, b];
  }

  /** The path of an instance made here of something called `callee`. */
  instancePath(callee: string): Path {
    const { binding, sole } = this.naming;
    const names = binding === undefined ? [callee] : sole ? [binding] : [binding, callee];
    return [...names, ...this.region.turns];
  }

  /** Where an op without parameters stands: the binding of its statement. */
  statementPath(): Path {
    const { binding } = this.naming;
    return [...(binding === undefined ? [] : [binding]), ...this.region.turns];
  }

  /** Takes a path for a parameterised instance, or returns the place of an instance that has it. */
  takePath(path: Path, span: Span, isBlock: boolean): Span | undefined {
    return this.paths.claim(path, span, isBlock);
  }

  /** Whether something is said of clashing paths for the first time: a pipe of five blocks has four clashes and one mistake. */
  isNewClash(mistake: string): boolean {
    if (this.clashes.has(mistake)) return false;
    this.clashes.add(mistake);
    this.onUndo(() => this.clashes.delete(mistake));
    return true;
  }

  fixOfClash(mistake: string, make: () => Fix | undefined): Fix | undefined {
    return entry(this.clashFixes, mistake, make);
  }
}
