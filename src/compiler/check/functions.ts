import type { Func } from '../ir/module.ts';
import type { BlockEntity, ModelEntity } from '../resolve/program.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, TrainDecl } from '../syntax/ast.ts';
import { checkBody } from './body.ts';
import type { CheckMemory, FunctionRequest, MadeModel } from './check-memory.ts';
import type { Checker } from './checker.ts';
import { LIMITS } from './complaints.ts';
import { Context } from './context.ts';
import { enterBlock } from './enter-block.ts';
import type { Findings } from './findings.ts';
import type { Identities } from './identities.ts';
import { entry } from './map-entry.ts';
import { recursion } from './recursion.ts';
import { restKey } from './rest-names.ts';
import type { SettledBlocks } from './settled-blocks.ts';
import type { RestAxes } from './signature.ts';
import { guarded } from './statements.ts';
import { structuralKey, variantKey } from './structure.ts';
import type { Hypers } from './value.ts';

/** A function that a call can name. */
interface Instantiated {
  readonly id: string;
  /** The caller's names of axes that are called otherwise inside. */
  readonly restNames: ReadonlyMap<string, string>;
}

interface FunctionInstance {
  readonly id: string;
  /** Undefined while it is made, and after a complaint. */
  func: Func | undefined;
}

/** The functions that models ask for: one for each block, choice of structural hyper-parameters and names of rest axes. */
export class Functions {
  /** By their ids, each after those that it calls. */
  readonly made = new Map<string, Func>();
  private readonly checker: Checker;
  private readonly memory: CheckMemory;
  private readonly identities: Identities;
  /** Where no module is wanted: the blocks of which no functions are made. */
  private readonly settled: SettledBlocks | undefined;
  private readonly instances = new Map<BlockDecl, Map<string, FunctionInstance>>();
  private readonly making: BlockDecl[] = [];
  /** The functions that each function being made has asked for, innermost last. */
  private readonly requests: FunctionRequest[][] = [];

  constructor(
    checker: Checker,
    memory: CheckMemory,
    identities: Identities,
    settled: SettledBlocks | undefined,
  ) {
    this.checker = checker;
    this.memory = memory;
    this.identities = identities;
    this.settled = settled;
  }

  /** The IR function of a block for some hyper-parameters and rest axes, made at the first call that needs it. */
  instantiate(
    cx: Context,
    entity: BlockEntity,
    hypers: Hypers,
    rest: RestAxes,
    span: Span,
  ): Instantiated | undefined {
    const { decl } = entity;
    const { complaints, restNames: names } = this.checker;
    const key = structuralKey(hypers);
    if (key === undefined) throw new Error(`a hyper-parameter of ${decl.name.text} is unknown in ${cx.name}`);
    const { formals, restNames } = names.of(entity, rest);
    const whole = `${key}|${restKey(formals)}`;
    this.requests.at(-1)?.push({ entity, hypers, rest });
    if (this.isLeftOut(entity)) return { id: decl.name.text, restNames };
    const byKey = entry(this.instances, decl, () => new Map<string, FunctionInstance>());
    let instance = byKey.get(whole);
    if (instance === undefined) {
      if (this.making.length >= LIMITS.depth) return complaints.tooDeep(cx, span);
      instance = { id: this.memory.functionId(entity, whole), func: undefined };
      byKey.set(whole, instance);
      complaints.countFunction(cx, span);
      if (complaints.isExhausted) return undefined;
      this.making.push(decl);
      const call = {
        span,
        message: `while \`${decl.name.text}\` is made for this call`,
        role: 'call',
      } as const;
      const { id } = instance;
      const make = () => this.functionOf(cx, { entity, hypers, rest: formals }, id, whole, span);
      instance.func = complaints.within(call, make);
      this.making.pop();
      if (instance.func !== undefined) this.made.set(instance.id, instance.func);
    } else if (instance.func === undefined && this.making.includes(decl)) {
      return recursion(cx, this.making, decl, span);
    }
    return instance.func === undefined ? undefined : { id: instance.id, restNames };
  }

  /** Whether no function is made of a block, since nothing would come of it; not even that blocks call too deep. */
  private isLeftOut(entity: BlockEntity): boolean {
    const depth = this.settled?.depthOf(entity);
    return depth !== undefined && this.making.length + depth <= LIMITS.depth;
  }

  /** Whether the program is within its limits together with the functions that were left out, or might have been. */
  get isWithinLimits(): boolean {
    return this.settled === undefined || this.checker.complaints.hasRoomFor(this.settled.size);
  }

  /** A function that is remembered, with those that it calls, or a new one. */
  private functionOf(
    cx: Context,
    request: FunctionRequest,
    id: string,
    key: string,
    span: Span,
  ): Func | undefined {
    const { entity, hypers } = request;
    const dependencies = this.identities.dependenciesOfFunction(entity, hypers);
    const remembered =
      dependencies === undefined ? undefined : this.memory.function(entity, key, dependencies);
    if (remembered !== undefined) {
      this.repeat(cx, remembered, span);
      return remembered.func;
    }
    const { result: func, findings, requests } = this.recorded(() => this.makeFunction(request, id));
    // A complaint tells of the calls that led to it, which may be others next time.
    const isClean = findings.diagnostics.length === 0 && !this.checker.complaints.isExhausted;
    if (func !== undefined && dependencies !== undefined && isClean) {
      const fresh = { decl: entity.decl, dependencies, func, requests, findings };
      this.memory.rememberFunction(entity, key, fresh);
    }
    return func;
  }

  private makeFunction({ entity, hypers, rest }: FunctionRequest, id: string): Func | undefined {
    const { decl, module } = entity;
    const definition = this.checker.define(entity).get(variantKey(decl, hypers));
    const cx = new Context(this.checker, module, 'function', decl.name.text);
    cx.block = decl;
    cx.isProven = definition?.isPartial === false;
    let func: Func | undefined;
    guarded(cx, decl, () => {
      const signature = enterBlock(cx, entity, hypers, rest, definition);
      const body = checkBody(cx, decl, signature);
      if (body === undefined) return;
      const { sizes, hyperCount, where } = signature;
      const { name, flavour, docs, span } = decl;
      func = {
        id,
        name: name.text,
        flavour,
        docs,
        span,
        sizes,
        hyperCount,
        where,
        ...body,
        body: cx.region.finish(),
        isOpen: cx.isOpen,
      };
    });
    return func;
  }

  /** A model and its training that are remembered, with the functions that they call, or what `make` makes. */
  model(
    entity: ModelEntity,
    set: Readonly<Record<string, string>>,
    train: TrainDecl | undefined,
    make: () => MadeModel | undefined,
  ): MadeModel | undefined {
    const { decl, module } = entity;
    const { complaints } = this.checker;
    // What is set may name labels.
    const isPlain = Object.keys(set).length === 0;
    const dependencies = isPlain ? this.identities.dependenciesOfModel(entity, train) : undefined;
    const { errorCount } = complaints;
    const state = errorCount === 0 ? 'sound' : 'mistaken';
    const remembered = dependencies === undefined ? undefined : this.memory.model(decl, state, dependencies);
    if (remembered !== undefined) {
      this.repeat(new Context(this.checker, module, 'top', decl.name.text), remembered, decl.name.span);
      return remembered.made;
    }
    const { result: made, findings, requests } = this.recorded(make);
    // Nor may what it calls complain: that would tell of the calls in the model.
    const isQuiet = findings.diagnostics.length === 0 && complaints.errorCount === errorCount;
    const isClean = isQuiet && !complaints.isExhausted;
    if (made !== undefined && dependencies !== undefined && isClean) {
      this.memory.rememberModel(decl, state, { dependencies, made, requests, findings });
    }
    return made;
  }

  /** Makes something, and keeps what it finds and which functions it asks for. */
  private recorded<T>(make: () => T): {
    readonly result: T;
    readonly findings: Findings;
    readonly requests: readonly FunctionRequest[];
  } {
    const requests: FunctionRequest[] = [];
    this.requests.push(requests);
    const recorded = this.checker.complaints.record(make);
    this.requests.pop();
    return { ...recorded, requests };
  }

  /** Says again what was found while something was made that is remembered, and makes the functions that it calls. */
  private repeat(
    cx: Context,
    { findings, requests }: { readonly findings: Findings; readonly requests: readonly FunctionRequest[] },
    span: Span,
  ): void {
    this.checker.complaints.repeat(findings);
    for (const { entity, hypers, rest } of requests) this.instantiate(cx, entity, hypers, rest, span);
  }
}
