import type { Code } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic, type DiagnosticDetails, type Related } from '../diagnostics/diagnostic.ts';
import type { ListValue, Path, Requirement, TensorValue, Value } from '../ir/module.ts';
import type { ListType, TensorType, ValueType } from '../ir/tensor-type.ts';
import type { ResolvedModule } from '../resolve/program.ts';
import { Facts } from '../shapes/facts.ts';
import { compare, not, or, print as printProp, substitute, varsOf, type Prop } from '../shapes/prop.ts';
import { prove, proveEqual, requirementFor } from '../shapes/prove.ts';
import { constant, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Checker } from './checker.ts';
import { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';

/** Whether a body is checked for every hyper-parameter, or turned into an IR function for some. */
export type Mode = 'define' | 'instantiate';

/**
 * Everything that belongs to one body while it is checked: its file, its facts and the IR being made. Loops and
 * branches change `region`, `scope` and `facts` for a while and put them back.
 */
export class Context {
  readonly checker: Checker;
  readonly module: ResolvedModule;
  readonly mode: Mode;
  /** The function being checked, for messages. */
  readonly name: string;
  scope: Scope;
  region: RegionBuilder;
  facts: Facts;
  /** What the signature may still demand of its sizes: `size >= k` found on the way. */
  readonly inferred: Requirement[] = [];
  /** The sizes that the signature binds; only properties of these can be demanded of a caller. */
  signatureSizes: ReadonlySet<SizeVar> = new Set();
  /** Conditions of the branches and loops around the current place. */
  readonly guards: Prop[] = [];
  /** Sizes of which nothing is known: those that a loop changes in no regular way, and elements of unknown lists. */
  readonly opaque = new Set<SizeVar>();
  /** Where each size variable was declared. */
  readonly origins = new Map<SizeVar, { readonly span: Span; readonly what: string }>();
  /** Paths of parameterised instances, with their places. */
  paths = new Map<string, Span>();
  /** What the statement at hand binds, and whether it makes one parameterised instance only. */
  naming: { readonly binding: string | undefined; readonly sole: boolean } = { binding: undefined, sole: false };
  private nextId = 0;
  /** What to undo, and what to say, should an attempt fail or succeed; undefined outside of attempts. */
  private attempt: { readonly undo: (() => void)[]; readonly diagnostics: Diagnostic[] } | undefined;

  constructor(checker: Checker, module: ResolvedModule, mode: Mode, name: string, facts: Facts) {
    this.checker = checker;
    this.module = module;
    this.mode = mode;
    this.name = name;
    this.scope = new Scope(undefined);
    this.region = new RegionBuilder([]);
    this.facts = facts;
  }

  // ------------------------------------------------------------ values of the IR

  tensor(hint: string, type: TensorType): TensorValue {
    return { kind: 'tensor', id: this.nextId++, hint, type };
  }

  list(hint: string, type: ListType): ListValue {
    return { kind: 'list', id: this.nextId++, hint, type };
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

  value(hint: string, type: ValueType): Value {
    return type.kind === 'list' ? this.list(hint, type) : this.tensor(hint, type);
  }

  // ------------------------------------------------------------ complaints

  /** Always undefined, so that a rule can `return cx.error(...)`. */
  error(code: Code, span: Span, message: string, details: DiagnosticDetails = {}): undefined {
    this.report(errorAt(code, span, message, details));
    return undefined;
  }

  report(diagnostic: Diagnostic): void {
    if (this.attempt !== undefined) this.attempt.diagnostics.push(diagnostic);
    else this.checker.report(diagnostic, this);
  }

  /** Registers how to take back something done outside of the region at hand. */
  onUndo(undo: () => void): void {
    this.attempt?.undo.push(undo);
  }

  /**
   * Tries something, such as a loop's body under a guess of its shapes. Nothing has been said or done until the
   * outcome is committed; rolled back, it is as if it had never been.
   */
  speculate<T>(run: () => T): { readonly result: T; readonly failed: boolean; commit(): void; rollback(): void } {
    const { region, scope, facts, paths, attempt: outer } = this;
    const attempt = { undo: [] as (() => void)[], diagnostics: [] as Diagnostic[] };
    const statements = region.statements.length;
    const params = region.params.length;
    const inferred = this.inferred.length;
    const guards = this.guards.length;
    this.attempt = attempt;
    this.paths = new Map(paths);
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
      failed: attempt.diagnostics.some((d) => d.severity === 'error'),
      commit: () => {
        for (const diagnostic of attempt.diagnostics) this.report(diagnostic);
        if (outer !== undefined) outer.undo.push(...attempt.undo);
      },
      rollback: () => {
        for (const undo of attempt.undo.reverse()) undo();
        region.statements.length = statements;
        region.params.length = params;
        this.inferred.length = inferred;
        this.paths = paths;
      },
    };
  }

  // ------------------------------------------------------------ sizes

  equal(a: Size, b: Size): boolean {
    if (a.key === b.key) return true;
    if (a.value !== undefined && b.value !== undefined) return false;
    const verdict = proveEqual(a, b, this.facts);
    if (verdict.kind === 'proved') return true;
    return this.isDeferred(compare(a, '==', b));
  }

  /**
   * Whether a property waits for the instantiation: it speaks of an opaque size, which is known only there. In an IR
   * function it becomes a check.
   */
  private isDeferred(prop: Prop): boolean {
    if (this.opaque.size === 0 || !varsOf(prop).some((v) => this.opaque.has(v))) return false;
    if (prove(not(prop), this.facts).kind === 'proved') return false;
    return true;
  }

  /**
   * Demands a property. Proved: fine. An inequality between sizes of the signature that some sizes satisfy becomes a
   * requirement of the signature. Anything else is reported, with a counterexample or the `where` that is missing.
   */
  require(prop: Prop, code: Code, span: Span, reason: string, details: DiagnosticDetails = {}): boolean {
    const verdict = prove(prop, this.facts);
    if (verdict.kind === 'proved') return true;
    if (this.isDeferred(prop)) {
      this.region.statements.push({
        kind: 'check',
        code: code === 'N4012' || code === 'N4001' || code === 'N4008' ? code : 'N4006',
        requirement: { prop, span, text: printProp(prop) },
      });
      return true;
    }
    if (this.infer(prop, span)) return true;
    if (this.facts.isContradictory) return true;
    const notes = [...(details.notes ?? [])];
    let help = details.help;
    if (verdict.kind === 'refuted') {
      const about = new Set(varsOf(prop));
      const example = [...verdict.counterexample].filter(([v]) => about.has(v)).map(([v, n]) => `${v.name} = ${n}`).join(', '); // prettier-ignore
      if (example !== '') notes.push(`it fails, for example, for ${example}`);
    }
    const missing = requirementFor(prop, this.facts);
    const isKnown = varsOf(prop).length === 0;
    if (help === undefined && missing !== undefined && !isKnown && this.mode === 'define') {
      help = `add \`where ${missing}\` to \`${this.name}\`, if that is what you mean`;
    }
    const text = printProp(prop);
    const message =
      verdict.kind === 'refuted' || isKnown
        ? `\`${text}\` does not ${isKnown ? 'hold' : 'hold for every size'}, because ${reason}`
        : `\`${text}\` cannot be shown, and ${reason}`;
    const finalCode = verdict.kind !== 'refuted' && code === 'N4006' ? 'N4007' : code;
    this.error(finalCode, span, message, {
      ...details,
      notes,
      related: [...(details.related ?? []), ...this.originsOf(varsOf(prop))],
      ...(help === undefined ? {} : { help }),
    });
    return false;
  }

  /** Whether a condition holds for all sizes here (true), for none (false), or depends on them. */
  decide(prop: Prop): boolean | undefined {
    if (prop.kind === 'known') return prop.value;
    if (prove(prop, this.facts).kind === 'proved') return true;
    return prove(not(prop), this.facts).kind === 'proved' ? false : undefined;
  }

  /** `assert`: proved, or left to the sizes of each instantiation; only what never holds is an error here. */
  requireOrCheck(prop: Prop, span: Span, text: string): void {
    const verdict = prove(prop, this.facts);
    if (verdict.kind === 'proved') return;
    if (varsOf(prop).length === 0 || prove(not(prop), this.facts).kind === 'proved') {
      this.error('N4012', span, `\`${text}\` does not hold`, { related: this.originsOf(varsOf(prop)) });
      return;
    }
    this.region.statements.push({ kind: 'check', code: 'N4012', requirement: { prop, span, text } });
    this.facts = this.facts.assume(prop);
  }

  /** Makes an unproved inequality over the signature's sizes a requirement of the signature. */
  private infer(prop: Prop, span: Span): boolean {
    if (this.mode !== 'define' || this.signatureSizes.size === 0) return false;
    if (!isInequality(prop)) return false;
    if (!varsOf(prop).every((v) => this.signatureSizes.has(v))) return false;
    if (prove(not(prop), this.facts).kind === 'proved') return false;
    const outside = this.guards.filter((guard) => varsOf(guard).every((v) => this.signatureSizes.has(v)));
    const whole = outside.length === 0 ? prop : or(prop, ...outside.map(not));
    this.inferred.push({ prop: whole, span, text: printProp(whole) });
    this.facts = this.facts.assume(prop);
    return true;
  }

  /** Where the sizes in a message come from. */
  originsOf(vars: Iterable<SizeVar>): Related[] {
    const related: Related[] = [];
    for (const v of vars) {
      const origin = this.origins.get(v);
      if (origin !== undefined) related.push({ span: origin.span, message: `${v.name} is ${origin.what}` });
    }
    return related;
  }

  /** A size of which nothing is known but that it is at least `min`. */
  freshOpaque(v: SizeVar, min: number): void {
    this.opaque.add(v);
    this.facts = this.facts.withVar(v, { min });
  }

  // ------------------------------------------------------------ paths

  /** Evaluates something whose instances are not made here: a block that is passed on as a hyper-parameter. */
  detached<T>(run: () => T): T {
    const { paths } = this;
    this.paths = new Map();
    try {
      return run();
    } finally {
      this.paths = paths;
    }
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

  /** Takes a path for a parameterised instance, or complains that it is taken. */
  claimPath(path: Path, span: Span): boolean {
    const key = pathKey(path);
    const first = this.paths.get(key);
    if (first === undefined) {
      this.paths.set(key, span);
      return true;
    }
    this.error('N5001', span, `two instances would keep their parameters under \`${key}\``, {
      related: [{ span: first, message: 'the first one is made here' }],
      help: 'bind each of them to a name of its own: the parameters are named after it',
    });
    return false;
  }
}

export function pathKey(path: Path): string {
  return path.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('/');
}

function isInequality(prop: Prop): boolean {
  switch (prop.kind) {
    case 'compare':
      return prop.op !== '==' && prop.op !== '!=';
    case 'and':
    case 'or':
      return prop.props.every(isInequality);
    case 'not':
      return isInequality(prop.prop);
    case 'divides':
    case 'known':
      return false;
  }
}

/** Replaces size variables in a requirement; what a call does to those of the callee. */
export function instantiateRequirement(requirement: Requirement, sizes: ReadonlyMap<SizeVar, Size>): Prop {
  return substitute(requirement.prop, sizes);
}

export const atLeast = (size: Size, bound: number): Prop => compare(size, '>=', constant(bound));
