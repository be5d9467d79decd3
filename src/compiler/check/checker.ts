import type { BlockEntity, ResolvedProgram } from '../resolve/program.ts';
import type { CallStatement } from '../ir/module.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, Declaration } from '../syntax/ast.ts';
import { checkBody } from './body.ts';
import type { CheckMemory } from './check-memory.ts';
import { Complaints, LIMITS } from './complaints.ts';
import { Constants } from './constants.ts';
import { Context, type Engine } from './context.ts';
import type { Definition, Definitions } from './definition.ts';
import { dependencyOrder, type Declared } from './dependency-order.ts';
import { withFound } from './enter-block.ts';
import { Functions } from './functions.ts';
import { blocksMentioned, Identities } from './identities.ts';
import { InstanceCounter } from './instance-count.ts';
import { entry } from './map-entry.ts';
import { recursion } from './recursion.ts';
import { RestNames } from './rest-names.ts';
import { readSignature, type Signature } from './signature.ts';
import { guarded } from './statements.ts';
import { SettledBlocks } from './settled-blocks.ts';
import { boolVariants, structuralKey, symbolicHypers, variantKey } from './structure.ts';
import { Trials } from './trials.ts';
import { warnOfUnused } from './unused.ts';
import type { Hypers } from './value.ts';

/**
 * Checks blocks at their definition, once for every size and hyper-parameter, and makes IR functions of them for the
 * structural hyper-parameters that a model asks for. One engine does both: it interprets a body over symbolic sizes.
 * The definitions are here; what is tried for them, the functions and the constants have files of their own.
 */
export class Checker {
  readonly engine: Engine;
  readonly complaints = new Complaints();
  readonly instanceCounter = new InstanceCounter();
  readonly restNames = new RestNames();
  readonly constants = new Constants(this);
  readonly trials = new Trials(this);
  readonly functions: Functions;
  /** What is called by each call of the IR. */
  readonly callees = new WeakMap<CallStatement, Signature>();
  /** The blocks whose bodies are being defined or tried, outermost first. */
  readonly reading: BlockDecl[] = [];
  private readonly memory: CheckMemory;
  private readonly identities: Identities;
  private readonly definitions = new Map<BlockDecl, Definitions>();
  /** How many blocks call each other below a block, itself included. */
  private readonly depths = new Map<BlockEntity, number>();
  private readonly defining: BlockDecl[] = [];
  /** Blocks with mistakes in their definition: no functions are made of them. */
  private readonly broken = new Set<BlockDecl>();
  private readonly signatures = new Map<BlockDecl, Map<string, Signature>>();
  /** Where no module is wanted: the blocks of which no functions are made. */
  private readonly settled: SettledBlocks | undefined;

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
    this.functions = new Functions(this, memory, this.identities, this.settled);
    for (const entity of blocks) {
      const depth = 1 + Math.max(0, ...mentioned(entity).map((callee) => this.depths.get(callee) ?? 0));
      this.depths.set(entity, depth);
      if (!cyclic.has(entity) && depth <= LIMITS.depth) this.define(entity);
    }
  }

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
    const depth = this.depths.get(entity) ?? LIMITS.depth;
    if (!this.broken.has(decl)) this.settled?.add(entity, depth, result, findings);
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
      if (hyper.default !== undefined) this.constants.defaultOf(entity.module, hyper, hyper.default);
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
        if (decl.flavour === 'loss') demandScalar(cx, decl);
        if (cx.facts.isContradictory) return;
        possible++;
        const isSound = cx.errorCount === 0;
        cx.signatureSizes = new Set(isSound ? signature.sizes : []);
        const body = checkBody(cx, decl, isSound ? signature : undefined);
        const { inferred, isPartial, callCount, callsWeights } = cx;
        const isOpen = isPartial || cx.handsOn;
        definitions.set(variantKey(decl, hypers), {
          signature,
          inferred,
          paramSizes: [...cx.paramSizes.values()],
          hasWeights: callsWeights || cx.region.params.some(({ role }) => role === 'weight'),
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
    const signature = found === undefined ? attempt.result : withFound(attempt.result, found);
    if (key !== undefined) byKey.set(key, signature);
    return signature;
  }

  /** Whether a block's definition has mistakes; its calls are checked all the same, by its signature. */
  isBroken(entity: BlockEntity): boolean {
    return this.broken.has(entity.decl);
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

function demandScalar(cx: Context, decl: BlockDecl): void {
  const [type] = decl.outputs;
  if (decl.outputs.every(({ axes }) => axes.length === 0)) return;
  const axes = (type?.axes ?? []).map(({ name }) => name.text).join(', ');
  const help = `declare \`-> []\`, and average: \`mean(over: [${axes}])\``;
  cx.error('N7003', type?.span ?? decl.span, 'a loss returns a scalar', { help });
}
