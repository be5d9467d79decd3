import type { Func } from '../ir/module.ts';
import type {
  BlockEntity,
  LabelsEntity,
  ModelEntity,
  ResolvedModule,
  ResolvedProgram,
} from '../resolve/program.ts';
import { substitute as substituteProp } from '../shapes/prop.ts';
import { substitute, variable, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, Declaration, Expr, HyperDecl, LabelsDecl, TrainDecl } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import { checkBody } from './body.ts';
import type { CheckMemory, FunctionRequest, MadeModel } from './check-memory.ts';
import { Complaints, LIMITS } from './complaints.ts';
import { Context, type Engine } from './context.ts';
import type { Definition, Definitions } from './definition.ts';
import { dependencyOrder, type Declared } from './dependency-order.ts';
import { FindingsRecorder, type Findings } from './findings.ts';
import { evalHyper } from './hypers.ts';
import { blocksMentioned, Identities } from './identities.ts';
import { InstanceCounter } from './instance-count.ts';
import { evalLabels } from './labels.ts';
import { NOTHING_OPEN, type OpenSignature } from './left-open.ts';
import { readSignature, type RestAxes, type Signature } from './signature.ts';
import { guarded } from './statements.ts';
import { SettledBlocks } from './settled-blocks.ts';
import { boolVariants, structuralKey, symbolicHypers } from './structure.ts';
import { warnOfUnused } from './unused.ts';
import { POISON, type Hypers, type Val } from './value.ts';

/** What came of reading a body with the blocks and lists that a definition gives it. */
interface Trial {
  /** Undefined after a complaint. */
  readonly open: OpenSignature | undefined;
  readonly findings: Findings;
}

interface Instantiated {
  readonly id: string;
  /** The caller's names of axes that are called otherwise inside. */
  readonly restNames: ReadonlyMap<string, string>;
}

/**
 * Checks blocks at their definition, once for every size and hyper-parameter, and makes IR functions of them for the
 * structural hyper-parameters that a model asks for. One engine does both: it interprets a body over symbolic sizes.
 */
export class Checker {
  readonly engine: Engine;
  readonly complaints = new Complaints();
  readonly functions = new Map<string, Func>();
  readonly instanceCounter = new InstanceCounter();
  private readonly memory: CheckMemory;
  private readonly identities: Identities;
  private readonly definitions = new Map<BlockDecl, Definitions>();
  /** How many blocks call each other below a block, itself included. */
  private readonly depths = new Map<BlockEntity, number>();
  private readonly defining: BlockDecl[] = [];
  /** The blocks whose bodies are being defined or tried, outermost first. */
  private readonly reading: BlockDecl[] = [];
  /** Blocks with mistakes in their definition: no functions are made of them. */
  private readonly broken = new Set<BlockDecl>();
  private readonly signatures = new Map<BlockDecl, Map<string, Signature>>();
  private readonly instances = new Map<
    BlockDecl,
    Map<string, { readonly id: string; func: Func | undefined }>
  >();
  private readonly making: BlockDecl[] = [];
  /** The functions that each function being made has asked for, innermost last. */
  private readonly requests: FunctionRequest[][] = [];
  /** Where no module is wanted: the blocks of which no functions are made. */
  private readonly settled: SettledBlocks | undefined;
  /** What blocks leave open for hyper-parameters that a definition gives them. */
  private readonly trials = new Map<BlockDecl, Map<string, Trial>>();
  private readonly constants = new Map<LabelsDecl | HyperDecl, Val>();
  /** Of those the ones that are being read. */
  private readonly beingRead = new Set<LabelsDecl | HyperDecl>();
  private readonly axisNames = new Map<BlockDecl, ReadonlySet<string>>();

  /**
   * Checks the blocks of a program; what the memory knows of them is not checked again. Without a module, only those
   * functions are made in which mistakes may be found.
   */
  constructor(engine: Engine, program: ResolvedProgram, memory: CheckMemory, isModuleWanted: boolean) {
    this.engine = engine;
    this.memory = memory;
    const found = new Map<Declaration, readonly BlockEntity[]>();
    const mentioned = (declared: Declared): readonly BlockEntity[] =>
      entry(found, declared.decl, () => blocksMentioned(declared));
    this.settled = isModuleWanted ? undefined : new SettledBlocks(mentioned);
    const { blocks, cyclic } = dependencyOrder(rootBlocks(program, mentioned), mentioned);
    this.identities = new Identities(memory, cyclic, (entity) => ({
      definitions: this.define(entity),
      isBroken: this.broken.has(entity.decl),
      isParameterised: this.instanceCounter.isParameterised(entity),
    }));
    for (const entity of blocks) {
      const depth = 1 + Math.max(0, ...mentioned(entity).map((callee) => this.depths.get(callee) ?? 0));
      this.depths.set(entity, depth);
      if (!cyclic.has(entity) && depth <= LIMITS.depth) this.define(entity);
    }
  }

  // ------------------------------------------------------------ definitions

  /** Checks a block for every size, and for each choice of its bools. */
  define(entity: BlockEntity): Definitions {
    const { decl } = entity;
    const known = this.definitions.get(decl);
    if (known !== undefined) return known;
    const dependencies = this.identities.dependenciesOf(entity);
    const remembered = dependencies === undefined ? undefined : this.memory.definition(decl, dependencies);
    if (remembered !== undefined) {
      this.definitions.set(decl, remembered.definitions);
      if (remembered.isBroken) this.broken.add(decl);
      this.instanceCounter.know(decl, remembered.isParameterised);
      this.complaints.repeat(remembered.findings);
      return remembered.definitions;
    }
    const { result, findings } = this.complaints.record(() => this.checkDefinition(entity));
    if (!this.broken.has(decl)) this.settled?.add(entity, result, findings);
    if (dependencies !== undefined && !this.complaints.isExhausted) {
      const isBroken = this.broken.has(decl);
      const isParameterised = this.instanceCounter.isParameterised(entity);
      const fresh = { dependencies, definitions: result, findings, isBroken, isParameterised };
      this.memory.rememberDefinition(decl, fresh);
    }
    return result;
  }

  private checkDefinition(entity: BlockEntity): Definitions {
    const { decl } = entity;
    const definitions = new Map<string, Definition>();
    const before = this.complaints.errorCount;
    let possible = 0;
    for (const hyper of decl.hypers) {
      if (hyper.default !== undefined) this.constantHyper(entity.module, hyper, hyper.default);
    }
    this.defining.push(decl);
    this.reading.push(decl);
    for (const variant of boolVariants(decl)) {
      if (this.complaints.isExhausted) break;
      const cx = new Context(this, entity.module, 'definition', decl.name.text);
      cx.block = decl;
      const hypers = symbolicHypers(decl, variant);
      guarded(cx, decl, () => {
        const signature = readSignature(cx, entity, hypers, new Map());
        if (decl.flavour === 'loss' && decl.outputs.some((type) => type.axes.length > 0)) {
          const [type] = decl.outputs;
          const axes = (type?.axes ?? []).map(({ name }) => name.text).join(', ');
          const help = `declare \`-> []\`, and average: \`mean(over: [${axes}])\``;
          cx.error('N7003', type?.span ?? decl.span, 'a loss returns a scalar', { help });
        }
        if (cx.facts.isContradictory) return;
        possible++;
        const isSound = cx.errorCount === 0;
        cx.signatureSizes = new Set(isSound ? signature.sizes : []);
        const body = checkBody(cx, decl, isSound ? signature : undefined);
        const { inferred, isPartial, callCount } = cx;
        const isOpen = isPartial || cx.handsOn;
        definitions.set(variantKey(decl, hypers), {
          signature,
          inferred,
          paramSizes: [...cx.paramSizes.values()],
          isPartial,
          isOpen,
          isSettled: body !== undefined && !isOpen && !cx.isOpen,
          callCount,
        });
      });
    }
    this.defining.pop();
    this.reading.pop();
    this.definitions.set(decl, definitions);
    if (possible === 0 && this.complaints.errorCount === before) {
      const cx = new Context(this, entity.module, 'definition', decl.name.text);
      const place = decl.where[0]?.span ?? decl.name.span;
      cx.error('N4006', place, `no sizes satisfy the \`where\` of \`${decl.name.text}\``);
    }
    if (this.complaints.errorCount > before) this.broken.add(decl);
    else warnOfUnused(new Context(this, entity.module, 'definition', decl.name.text), decl.body.statements);
    return definitions;
  }

  /** What a caller of a block with these hyper-parameters must know; undefined after a complaint. */
  signature(cx: Context, entity: BlockEntity, hypers: Hypers, span: Span): Signature | undefined {
    const { decl } = entity;
    if (this.defining.includes(decl)) return recursion(cx, this.reading, decl, span);
    if ((this.depths.get(entity) ?? 0) >= LIMITS.depth) return this.complaints.tooDeep(cx, span);
    const definitions = this.define(entity);
    const key = structuralKey(hypers);
    const byKey = entry(this.signatures, decl, () => new Map<string, Signature>());
    const known = key === undefined ? undefined : byKey.get(key);
    if (known !== undefined) return known;

    const own = new Context(this, entity.module, 'definition', decl.name.text);
    const attempt = own.speculate(() => readSignature(own, entity, hypers, new Map()));
    if (attempt.failed) {
      // What is wrong with the header itself has been said by its definition; not so what these values make of it.
      if (!this.broken.has(decl)) attempt.commit();
      return undefined;
    }
    const found = definitions.get(variantKey(decl, hypers));
    const signature = found === undefined ? attempt.result : complete(attempt.result, found);
    if (key !== undefined) byKey.set(key, signature);
    return signature;
  }

  /**
   * What the body of a block leaves open for the blocks and lists among its hyper-parameters, found by reading it with
   * them; undefined after a complaint. Nothing where the definition around the call does not know them either.
   */
  leftOpen(
    cx: Context,
    entity: BlockEntity,
    hypers: Hypers,
    rest: RestAxes,
    span: Span,
  ): OpenSignature | undefined {
    const { decl, module } = entity;
    const key = structuralKey(hypers);
    if (key === undefined) cx.handsOn = true;
    const definition = this.define(entity).get(variantKey(decl, hypers));
    if (key === undefined || definition?.isOpen !== true || this.broken.has(decl)) return NOTHING_OPEN;
    const { formals } = this.restFormals(entity, rest);
    const byKey = entry(this.trials, decl, () => new Map<string, Trial>());
    const id = `${key}|${restKeyOf(formals)}`;
    const known = byKey.get(id);
    if (known !== undefined) {
      this.complaints.repeat(known.findings);
      return known.open;
    }
    if (this.reading.length >= LIMITS.depth) return this.complaints.tooDeep(cx, span);
    // A block that comes back to itself by its hyper-parameters is refused where its function is made.
    byKey.set(id, { open: NOTHING_OPEN, findings: new FindingsRecorder() });
    this.reading.push(decl);
    const message = `while \`${decl.name.text}\` is tried for this call`;
    const call = { span, message, role: 'call' } as const;
    const trial = new Context(this, module, 'trial', decl.name.text);
    let open: OpenSignature | undefined;
    const { findings } = this.complaints.record(() =>
      this.complaints.within(call, () =>
        guarded(trial, decl, () => {
          const signature = this.enter(trial, entity, hypers, formals, definition);
          trial.signatureSizes = new Set(signature.sizes);
          if (checkBody(trial, decl, signature) === undefined) return;
          open = { sizes: signature.sizes, leftOpen: trial.leftOpen };
        }),
      ),
    );
    this.complaints.carry(findings);
    this.reading.pop();
    byKey.set(id, { open, findings });
    return open;
  }

  // ------------------------------------------------------------ instantiation

  /** Whether a block's definition has mistakes; its calls are checked all the same, by its signature. */
  isBroken(entity: BlockEntity): boolean {
    return this.broken.has(entity.decl);
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
    const key = structuralKey(hypers);
    if (key === undefined) throw new Error(`a hyper-parameter of ${decl.name.text} is unknown in ${cx.name}`);
    const { formals, restNames } = this.restFormals(entity, rest);
    const whole = `${key}|${restKeyOf(formals)}`;
    this.requests.at(-1)?.push({ entity, hypers, rest });
    if (this.isLeftOut(entity)) return { id: decl.name.text, restNames };
    const byKey = entry(
      this.instances,
      decl,
      () => new Map<string, { id: string; func: Func | undefined }>(),
    );
    let instance = byKey.get(whole);
    if (instance === undefined) {
      if (this.making.length >= LIMITS.depth) return this.complaints.tooDeep(cx, span);
      instance = { id: this.memory.functionId(entity, whole), func: undefined };
      byKey.set(whole, instance);
      this.complaints.countFunction(cx, span);
      if (this.complaints.isExhausted) return undefined;
      this.making.push(decl);
      const call = {
        span,
        message: `while \`${decl.name.text}\` is made for this call`,
        role: 'call',
      } as const;
      const { id } = instance;
      const make = () => this.functionOf(cx, { entity, hypers, rest: formals }, id, whole, span);
      instance.func = this.complaints.within(call, make);
      this.making.pop();
      if (instance.func !== undefined) this.functions.set(instance.id, instance.func);
    } else if (instance.func === undefined && this.making.includes(decl)) {
      return recursion(cx, this.making, decl, span);
    }
    return instance.func === undefined ? undefined : { id: instance.id, restNames };
  }

  /** Whether no function is made of a block, since nothing would come of it; not even that blocks call too deep. */
  private isLeftOut(entity: BlockEntity): boolean {
    const depth = this.depths.get(entity) ?? LIMITS.depth;
    return this.settled?.has(entity) === true && this.making.length + depth <= LIMITS.depth;
  }

  /** Whether the program is within its limits together with the functions that were left out, or might have been. */
  get isWithinLimits(): boolean {
    return this.settled === undefined || this.complaints.hasRoomFor(this.settled.size);
  }

  /** A function that is remembered, with those that it calls, or a new one. */
  private functionOf(
    cx: Context,
    request: FunctionRequest,
    id: string,
    key: string,
    span: Span,
  ): Func | undefined {
    const { entity, hypers, rest } = request;
    const dependencies = this.identities.dependenciesOfFunction(entity, hypers);
    const remembered =
      dependencies === undefined ? undefined : this.memory.function(entity, key, dependencies);
    if (remembered !== undefined) {
      this.complaints.repeat(remembered.findings);
      for (const { entity: callee, hypers: given, rest: axes } of remembered.requests) {
        this.instantiate(cx, callee, given, axes, span);
      }
      return remembered.func;
    }
    const requests: FunctionRequest[] = [];
    this.requests.push(requests);
    const { result: func, findings } = this.complaints.record(() =>
      this.makeFunction(entity, hypers, rest, id),
    );
    this.requests.pop();
    // A complaint tells of the calls that led to it, which may be others next time.
    const isClean = findings.diagnostics.length === 0 && !this.complaints.isExhausted;
    if (func !== undefined && dependencies !== undefined && isClean) {
      const fresh = { decl: entity.decl, dependencies, func, requests, findings };
      this.memory.rememberFunction(entity, key, fresh);
    }
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
    // What is set may name labels.
    const isPlain = Object.keys(set).length === 0;
    const dependencies = isPlain ? this.identities.dependenciesOfModel(entity, train) : undefined;
    const { errorCount } = this.complaints;
    const state = errorCount === 0 ? 'sound' : 'mistaken';
    const remembered = dependencies === undefined ? undefined : this.memory.model(decl, state, dependencies);
    if (remembered !== undefined) {
      this.complaints.repeat(remembered.findings);
      const cx = new Context(this, module, 'top', decl.name.text);
      for (const { entity: callee, hypers, rest } of remembered.requests) {
        this.instantiate(cx, callee, hypers, rest, decl.name.span);
      }
      return remembered.made;
    }
    const requests: FunctionRequest[] = [];
    this.requests.push(requests);
    const { result: made, findings } = this.complaints.record(make);
    this.requests.pop();
    // Nor may what it calls complain: that would tell of the calls in the model.
    const isQuiet = findings.diagnostics.length === 0 && this.complaints.errorCount === errorCount;
    const isClean = isQuiet && !this.complaints.isExhausted;
    if (made !== undefined && dependencies !== undefined && isClean) {
      this.memory.rememberModel(decl, state, { dependencies, made, requests, findings });
    }
    return made;
  }

  private makeFunction(entity: BlockEntity, hypers: Hypers, rest: RestAxes, id: string): Func | undefined {
    const { decl, module } = entity;
    const definition = this.define(entity).get(variantKey(decl, hypers));
    const cx = new Context(this, module, 'function', decl.name.text);
    cx.block = decl;
    cx.isProven = definition?.isPartial === false;
    let func: Func | undefined;
    guarded(cx, decl, () => {
      const signature = this.enter(cx, entity, hypers, rest, definition);
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

  /** Reads the header of a block, and takes for given what its definition demands of each call. */
  private enter(
    cx: Context,
    entity: BlockEntity,
    hypers: Hypers,
    rest: RestAxes,
    definition: Definition | undefined,
  ): Signature {
    const read = readSignature(cx, entity, hypers, rest);
    const signature = definition === undefined ? read : complete(read, definition);
    for (const { prop } of signature.where.slice(read.where.length)) cx.facts = cx.facts.assume(prop);
    return signature;
  }

  /** Names inside the block for the axes that a rest variable stands for: the caller's, where they are free. */
  private restFormals(
    entity: BlockEntity,
    rest: RestAxes,
  ): { formals: RestAxes; restNames: Map<string, string> } {
    if (rest.size === 0) return { formals: rest, restNames: new Map() };
    const used = this.axesNamedIn(entity);
    const formals = new Map<string, readonly string[]>();
    const restNames = new Map<string, string>();
    for (const [name, axes] of rest) {
      const inside = axes.map((axis) => {
        if (!used.has(axis)) return axis;
        restNames.set(`${axis}.${name}`, axis);
        return `${axis}.${name}`;
      });
      formals.set(name, inside);
    }
    return { formals, restNames };
  }

  /** What axes that a block makes may be called: any name in it, or in what a block that it calls returns. */
  private axesNamedIn(entity: BlockEntity): ReadonlySet<string> {
    const known = this.axisNames.get(entity.decl);
    if (known !== undefined) return known;
    const own = namesOf(entity.decl);
    const names = new Set<string>(own);
    for (const name of own) {
      const callee = entity.module.names.get(name);
      if (callee?.kind === 'block')
        for (const type of callee.decl.outputs) for (const axis of namesOf(type)) names.add(axis);
    }
    this.axisNames.set(entity.decl, names);
    return names;
  }

  // ------------------------------------------------------------ constants

  labels(entity: LabelsEntity): Val {
    const { decl, module } = entity;
    const help = 'labels are strings: name them';
    return this.constant(
      module,
      decl,
      { what: `\`${decl.name.text}\``, span: decl.values.span, help },
      (cx) => evalLabels(cx, entity),
    );
  }

  /** The default of a hyper-parameter: a constant of the file that declares it. */
  constantHyper(module: ResolvedModule, hyper: HyperDecl, expr: Expr): Val {
    const what = `the default of \`${hyper.name.text}\``;
    const help = 'name a block that can be made without this hyper-parameter';
    return this.constant(module, hyper, { what, span: expr.span, help }, (cx) => evalHyper(cx, hyper, expr));
  }

  /** What a declaration says without looking at anything that is not constant; read once, and never within itself. */
  private constant(
    module: ResolvedModule,
    decl: LabelsDecl | HyperDecl,
    { what, span, help }: { readonly what: string; readonly span: Span; readonly help: string },
    read: (cx: Context) => Val | undefined,
  ): Val {
    return entry(this.constants, decl, () => {
      const cx = this.constantContext(module, decl.name.text);
      if (this.beingRead.has(decl)) {
        cx.error('N2008', span, `${what} would contain itself`, { help });
        return POISON;
      }
      this.beingRead.add(decl);
      const val = read(cx) ?? POISON;
      this.beingRead.delete(decl);
      return val;
    });
  }

  private constantContext(module: ResolvedModule, name: string): Context {
    return new Context(this, module, 'top', name);
  }
}

/** What is checked whether anything calls it or not: the blocks of the file itself, and what its models mention. */
function rootBlocks(
  { root }: ResolvedProgram,
  mentioned: (declared: Declared) => readonly BlockEntity[],
): readonly BlockEntity[] {
  const own = [...root.names.values()].filter(
    (entity): entity is BlockEntity => entity.kind === 'block' && entity.module === root,
  );
  const declarations = root.unit.declarations.filter(({ kind }) => kind !== 'ImportDecl');
  return [...own, ...declarations.flatMap((decl) => mentioned({ decl, module: root }))];
}

function recursion(cx: Context, around: readonly BlockDecl[], decl: BlockDecl, span: Span): undefined {
  const cycle = [...around.slice(around.indexOf(decl)), decl].map(({ name }) => name.text).join(' -> ');
  return cx.error('N2008', span, `\`${decl.name.text}\` would contain itself`, {
    notes: [cycle],
    help: 'use a loop',
  });
}

/** Adds what the definition found, in the variables of this signature, which have the names of the definition's. */
function complete(signature: Signature, { signature: defined, inferred, paramSizes }: Definition): Signature {
  const byName = new Map(signature.sizes.map((v) => [v.name, variable(v)]));
  const own = new Map<SizeVar, Size>();
  for (const v of defined.sizes) {
    const size = byName.get(v.name);
    if (size !== undefined) own.set(v, size);
  }
  const requirements = inferred.map(({ prop, span, text }) => ({
    prop: substituteProp(prop, own),
    span,
    text,
  }));
  return {
    ...signature,
    where: [...signature.where, ...requirements],
    paramSizes: paramSizes.map((size) => substitute(size, own)),
  };
}

function restKeyOf(rest: RestAxes): string {
  return [...rest].map(([name, axes]) => `${name}=${axes.join(',')}`).join(';');
}

function variantKey(decl: BlockDecl, hypers: Hypers): string {
  return decl.hypers.flatMap(({ name }) => {
    const val = hypers.get(name.text);
    return val?.kind === 'bool' ? [`${name.text}=${val.prop.kind === 'known' && val.prop.value}`] : [];
  }).join(','); // prettier-ignore
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
