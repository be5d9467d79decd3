import { print } from '../shapes/size.ts';
import type { BlockEntity, Entity, ModelEntity, ResolvedModule } from '../resolve/program.ts';
import type { BlockDecl, TrainDecl } from '../syntax/ast.ts';
import { namesIn, namesOf } from '../syntax/walk.ts';
import type { CheckMemory } from './check-memory.ts';
import type { Definitions } from './definition.ts';
import type { Declared } from './dependency-order.ts';
import type { Hypers, Val } from './value.ts';

/** What is known of a block once it is defined, and what others can tell of it. */
export interface DefinedBlock {
  readonly definitions: Definitions;
  readonly isBroken: boolean;
  readonly isParameterised: boolean;
}

/**
 * Tells whether what a part of a program depends on is still the same, by texts that are equal exactly then. What depends
 * on a block depends on its head and on what its definition found out for callers, not on its body: an edit that changes
 * neither concerns nobody else.
 */
export class Identities {
  private readonly memory: CheckMemory;
  private readonly cyclic: ReadonlySet<BlockEntity>;
  private readonly defined: (entity: BlockEntity) => DefinedBlock;
  private readonly known = new Map<BlockEntity, string | undefined>();

  constructor(
    memory: CheckMemory,
    cyclic: ReadonlySet<BlockEntity>,
    defined: (entity: BlockEntity) => DefinedBlock,
  ) {
    this.memory = memory;
    this.cyclic = cyclic;
    this.defined = defined;
  }

  /** What a block's definition depends on beside its own text; undefined where that cannot be told, in circles of blocks. */
  dependenciesOf(entity: BlockEntity): string | undefined {
    if (!this.memory.isLasting || this.cyclic.has(entity)) return undefined;
    return this.ofNames(namesIn(entity.decl), entity.module);
  }

  /** The same of a function that is made of it for some hyper-parameters. */
  dependenciesOfFunction(entity: BlockEntity, hypers: Hypers): string | undefined {
    const own = this.dependenciesOf(entity);
    if (own === undefined) return undefined;
    const given = [...blocksIn(hypers)].map((block) => this.ofBlock(block));
    return given.includes(undefined) ? undefined : [own, ...given].join('|');
  }

  /** The same of a model and its training. */
  dependenciesOfModel({ decl, module }: ModelEntity, train: TrainDecl | undefined): string | undefined {
    if (!this.memory.isLasting) return undefined;
    const names = new Set([...namesIn(decl), ...(train === undefined ? [] : namesIn(train))]);
    names.delete(decl.name.text);
    const own = this.ofNames(names, module);
    const training = train === undefined ? 0 : this.memory.numberOf(train);
    return own === undefined ? undefined : `${own}|${training}`;
  }

  private ofNames(names: Iterable<string>, module: ResolvedModule): string | undefined {
    const parts: string[] = [];
    for (const name of names) {
      const entity = module.names.get(name);
      if (entity === undefined) continue;
      const identity = this.of(entity);
      if (identity === undefined) return undefined;
      parts.push(`${name}=${identity}`);
    }
    return parts.join(',');
  }

  private of(entity: Entity): string | undefined {
    switch (entity.kind) {
      case 'block':
        return this.ofBlock(entity);
      case 'labels':
        return this.ofText('labels', entity);
      case 'model':
        return this.ofText('model', entity);
      case 'poison':
        return 'poison';
    }
  }

  private ofText(what: string, { decl, module }: Exclude<Entity, { kind: 'poison' | 'block' }>): string {
    return `${what} ${this.memory.numberOf(decl)} ${this.memory.intern(module.path)}`;
  }

  private ofBlock(entity: BlockEntity): string | undefined {
    if (this.cyclic.has(entity)) return undefined;
    if (this.known.has(entity)) return this.known.get(entity);
    const identity = this.makeOfBlock(entity);
    this.known.set(entity, identity);
    return identity;
  }

  private makeOfBlock(entity: BlockEntity): string | undefined {
    const { decl, module } = entity;
    const { definitions, isBroken, isParameterised } = this.defined(entity);
    // Where a caller hands in blocks or lists, it reads the body with them.
    const isRead = [...definitions.values()].some(({ isOpen }) => isOpen);
    const dependencies = isRead ? this.dependenciesOf(entity) : this.ofNames(namesOfHead(decl), module);
    if (dependencies === undefined) return undefined;
    return this.memory.identity(definitions, dependencies, () => {
      const head = module.source.slice(decl.span.before.upTo(decl.body.span.before));
      const variants = [...definitions].map(([variant, { inferred, paramSizes, hasWeights, isPartial }]) => [
        variant,
        // Messages point to where a requirement was found.
        ...inferred.map(({ text, span }) => `${text} ${this.memory.numberOf(span.anchor)} ${span.from}`),
        ...paramSizes.map((size) => print(size)),
        hasWeights,
        isPartial,
      ]);
      const place = [this.memory.numberOf(decl.span.anchor), module.path];
      const body = isRead ? this.memory.numberOf(decl) : undefined;
      const parts = [place, head, dependencies, variants, isBroken, isParameterised, body];
      return String(this.memory.intern(JSON.stringify(parts)));
    });
  }
}

const headNames = new WeakMap<BlockDecl, ReadonlySet<string>>();

function namesOfHead(decl: BlockDecl): ReadonlySet<string> {
  let names = headNames.get(decl);
  if (names === undefined) {
    const { hypers, inputs, outputs, where } = decl;
    headNames.set(decl, (names = namesOf([...hypers, ...inputs, ...outputs, ...where])));
  }
  return names;
}

/** The blocks among hyper-parameters, and among theirs. */
function* blocksIn(hypers: Hypers): Generator<BlockEntity> {
  const pending: Val[] = [...hypers.values()];
  for (let val = pending.pop(); val !== undefined; val = pending.pop()) {
    if (val.kind === 'items') pending.push(...val.items);
    if (val.kind !== 'factory' || val.make.of !== 'block') continue;
    yield val.make.entity;
    pending.push(...val.make.hypers.values());
  }
}

/** The blocks that a declaration mentions. */
export function blocksMentioned({ decl, module }: Declared): readonly BlockEntity[] {
  const blocks: BlockEntity[] = [];
  for (const name of namesIn(decl)) {
    const entity = module.names.get(name);
    if (entity?.kind === 'block') blocks.push(entity);
  }
  return blocks;
}
