import type { Func } from '../ir/module.ts';
import type { BlockEntity } from '../resolve/program.ts';
import type { BlockDecl, ModelDecl } from '../syntax/ast.ts';
import type { Definitions } from './definition.ts';
import type { Findings } from './findings.ts';
import type { RestAxes } from './signature.ts';
import type { CheckedModel } from './model.ts';
import type { CheckedTraining } from './train.ts';
import type { Hypers } from './value.ts';

/** What the definition of a block came to, as long as what it depends on stays the same. */
export interface RememberedDefinition {
  readonly dependencies: string;
  readonly definitions: Definitions;
  readonly findings: Findings;
  readonly isBroken: boolean;
  readonly isParameterised: boolean;
}

/** A call of a function of the IR, by which it is made. */
export interface FunctionRequest {
  readonly entity: BlockEntity;
  readonly hypers: Hypers;
  readonly rest: RestAxes;
}

/** A function of the IR, made without a complaint, and the functions that it calls. */
export interface RememberedFunction {
  readonly decl: BlockDecl;
  readonly dependencies: string;
  readonly func: Func;
  readonly requests: readonly FunctionRequest[];
  readonly findings: Findings;
}

/** Whether something was wrong in a program before its model was checked: only of a sound one is said what is unused. */
export type ProgramState = 'sound' | 'mistaken';

/** A model with its training, checked without a complaint, and the functions that they call. */
export interface RememberedModel {
  readonly dependencies: string;
  readonly made: MadeModel;
  readonly requests: readonly FunctionRequest[];
  readonly findings: Findings;
}

/** What is made of a model and the `train` that belongs to it. */
export interface MadeModel {
  readonly model: CheckedModel;
  readonly training: CheckedTraining | undefined;
}

/** What may be kept of one block: functions for so many choices of hyper-parameters. An editor makes new ones all day. */
const MOST_FUNCTIONS = 1_000;

/**
 * What stays of a check for the next one, after an edit. Nothing in here is true by itself: each entry says what it
 * depends on, and whoever takes it compares.
 */
export class CheckMemory {
  /** Whether there will be a next one: where not, nothing is remembered, and what things depend on is not looked for. */
  readonly isLasting: boolean;
  private readonly definitions = new WeakMap<BlockDecl, RememberedDefinition>();
  private readonly identities = new WeakMap<
    Definitions,
    { readonly dependencies: string; readonly identity: string }
  >();
  private readonly functions = new WeakMap<BlockEntity, Map<string, RememberedFunction>>();
  private readonly models: Readonly<Record<ProgramState, WeakMap<ModelDecl, RememberedModel>>> = {
    sound: new WeakMap(),
    mistaken: new WeakMap(),
  };
  private readonly ids = new WeakMap<BlockEntity, Map<string, string>>();
  /** How many functions have been made of blocks of a name. */
  private readonly named = new Map<string, number>();
  private readonly numbers = new WeakMap<object, number>();
  private readonly interned = new Map<string, number>();
  private count = 0;

  constructor(isLasting: boolean) {
    this.isLasting = isLasting;
  }

  /** The identity of a block with these definitions, made by `make` where it is not known for what its head mentions. */
  identity(definitions: Definitions, dependencies: string, make: () => string): string {
    const known = this.identities.get(definitions);
    if (known?.dependencies === dependencies) return known.identity;
    const identity = make();
    this.identities.set(definitions, { dependencies, identity });
    return identity;
  }

  definition(decl: BlockDecl, dependencies: string): RememberedDefinition | undefined {
    const known = this.definitions.get(decl);
    return known?.dependencies === dependencies ? known : undefined;
  }

  rememberDefinition(decl: BlockDecl, remembered: RememberedDefinition): void {
    this.definitions.set(decl, remembered);
  }

  function(entity: BlockEntity, key: string, dependencies: string): RememberedFunction | undefined {
    const known = this.functions.get(entity)?.get(key);
    return known?.decl === entity.decl && known.dependencies === dependencies ? known : undefined;
  }

  rememberFunction(entity: BlockEntity, key: string, remembered: RememberedFunction): void {
    const known = this.functions.get(entity);
    if (known !== undefined && known.size < MOST_FUNCTIONS) known.set(key, remembered);
    else this.functions.set(entity, new Map([[key, remembered]]));
  }

  model(decl: ModelDecl, state: ProgramState, dependencies: string): RememberedModel | undefined {
    const known = this.models[state].get(decl);
    return known?.dependencies === dependencies ? known : undefined;
  }

  rememberModel(decl: ModelDecl, state: ProgramState, remembered: RememberedModel): void {
    this.models[state].set(decl, remembered);
  }

  /** `SIM`, and for further functions of blocks of this name `SIM.2`; the same as long as the memory lasts. */
  functionId(entity: BlockEntity, key: string): string {
    const ids = this.ids.get(entity) ?? new Map<string, string>();
    this.ids.set(entity, ids);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const name = entity.decl.name.text;
    const count = (this.named.get(name) ?? 0) + 1;
    this.named.set(name, count);
    const id = count === 1 ? name : `${name}.${count}`;
    ids.set(key, id);
    return id;
  }

  /** A number of an object's own. */
  numberOf(object: object): number {
    let number = this.numbers.get(object);
    if (number === undefined) this.numbers.set(object, (number = ++this.count));
    return number;
  }

  /** A number for a text, the same for the same text. */
  intern(text: string): number {
    let number = this.interned.get(text);
    if (number === undefined) this.interned.set(text, (number = ++this.count));
    return number;
  }
}
