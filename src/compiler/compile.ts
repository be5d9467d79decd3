import { CheckMemory } from './check/check-memory.ts';
import { Checker } from './check/checker.ts';
import { chooseModel } from './check/choose-model.ts';
import { evaluate } from './check/expressions.ts';
import type { Note } from './check/findings.ts';
import { checkModel } from './check/model.ts';
import { checkStatements } from './check/statements.ts';
import { checkTraining } from './check/train.ts';
import { hasErrors, type Diagnostic } from './diagnostics/diagnostic.ts';
import { flatten } from './ir/inline.ts';
import type { Func, Module } from './ir/module.ts';
import { hasOpenChecks } from './ir/open-checks.ts';
import { ResolveMemory } from './resolve/resolve-memory.ts';
import { resolve, type Resolution } from './resolve/resolve.ts';
import type { ModelEntity, ResolvedProgram } from './resolve/program.ts';
import { unusedNames } from './resolve/unused-names.ts';
import type { SourceReader } from './source/reader.ts';
import type { SourceFile } from './source/source-file.ts';
import { isEcho } from './syntax/damage.ts';

export interface CompileOptions {
  /** How files are read; see `memoryReader` for sources that are not on a disk. */
  readonly reader: SourceReader;
  /** Hyper-parameters of the model, as the command line gives them: `{ size: "96" }`. */
  readonly set?: Readonly<Record<string, string>>;
  /** The model to build, where the file has several. */
  readonly model?: string;
}

export interface Diagnosis {
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, by path: what a renderer needs for code frames. */
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly program: ResolvedProgram | undefined;
  /** What the names of the program are bound to, for editors. */
  readonly notes: readonly Note[];
}

export interface Compilation extends Diagnosis {
  /** The IR; undefined after errors, and for a file that declares no model. */
  readonly module: Module | undefined;
}

/**
 * The front half of the compiler: source -> syntax -> names -> checked blocks -> IR module. Targets are made from
 * the module: `flatten` (ir/inline.ts), the passes, `lower/`.
 */
export function compile(path: string, options: CompileOptions): Compilation {
  return compileWith(new ResolveMemory(), new CheckMemory(false), path, options);
}

/** What {@link compile} says of a source, sooner: functions of the IR in which no mistake can be found are not made. */
export function diagnose(path: string, options: CompileOptions): Diagnosis {
  const read = resolve(path, options.reader, new ResolveMemory());
  const memory = new CheckMemory(false);
  return checkProgram(read, memory, options, false) ?? compileRead(read, memory, options);
}

/** As {@link compile}, after an edit: what is remembered and still true is neither read nor checked again. */
export function compileWith(
  resolved: ResolveMemory,
  checked: CheckMemory,
  path: string,
  options: CompileOptions,
): Compilation {
  return compileRead(resolve(path, options.reader, resolved), checked, options);
}

function compileRead(read: Resolution, memory: CheckMemory, options: CompileOptions): Compilation {
  const compilation = checkProgram(read, memory, options, true);
  if (compilation === undefined) throw new Error('a module was wanted, and functions were left out of it');
  return compilation;
}

/** Undefined where no module was wanted, and without one it cannot be told what is wrong. */
function checkProgram(
  { program, sources, diagnostics: found }: Resolution,
  memory: CheckMemory,
  options: CompileOptions,
  isModuleWanted: boolean,
): Compilation | undefined {
  if (program === undefined) return { diagnostics: found, sources, program, module: undefined, notes: [] };
  const checker = new Checker({ evaluate, checkStatements }, program, memory, isModuleWanted);
  defineAll(checker, program);
  const { chosen, others } = chooseModel(checker, program, options.model);
  const module = chosen === undefined ? undefined : makeModule(checker, program, chosen, options.set ?? {});
  const modules = [module, ...others.map((other) => makeModule(checker, program, other, {}))];
  const open = modules.flatMap((made) => (made !== undefined && hasOpenChecks(made) ? [made] : []));
  if (!isModuleWanted && (open.length > 0 || !checker.functions.isWithinLimits)) return undefined;
  const { notes } = checker.complaints;
  const diagnostics = [...found, ...checker.complaints.diagnostics].filter((said) => !repeats(said, program));
  if (!hasErrors(diagnostics)) for (const made of open) diagnostics.push(...decidedByNumbers(made));
  if (!hasErrors(diagnostics)) diagnostics.push(...unusedNames(program.root));
  return { diagnostics, sources, program, module: hasErrors(diagnostics) ? undefined : module, notes };
}

/** Whether a complaint only repeats that its file could not be read in full. */
function repeats(said: Diagnostic, { modules }: ResolvedProgram): boolean {
  const module = modules.find(({ path }) => path === said.span.file);
  return module !== undefined && isEcho(said, module.unit, module.source);
}

/** Blocks of imported files are checked when something reaches them; all of them, when the file itself is compiled. */
function defineAll(checker: Checker, { root }: ResolvedProgram): void {
  for (const entity of root.names.values()) {
    if (entity.kind === 'block' && entity.module === root) checker.define(entity);
    else if (entity.kind === 'labels' && entity.module === root) checker.constants.labels(entity);
  }
}

function makeModule(
  checker: Checker,
  program: ResolvedProgram,
  entity: ModelEntity,
  set: Readonly<Record<string, string>>,
): Module | undefined {
  const train = program.root.trains.find(({ model: { text } }) => text === entity.decl.name.text);
  const made = checker.functions.model(entity, set, train, () => {
    const model = checkModel(checker, entity, set);
    if (model === undefined) return undefined;
    return { model, training: train && checkTraining(checker, program.root, train, model) };
  });
  if (made === undefined) return undefined;
  const { model, training } = made;
  const functions = new Map<string, Func>(checker.functions.made);
  functions.set(model.func.id, model.func);
  if (training !== undefined) functions.set(training.func.id, training.func);
  return { functions, model: model.entry, training: training?.entry };
}

/**
 * What was left to the sizes of the model, such as an `assert` or the `where` of a block that came as a hyper-parameter.
 * Most models leave nothing, and need not be unfolded to be checked.
 */
function decidedByNumbers(module: Module): readonly Diagnostic[] {
  return flatten(module, { mode: 'infer', entry: module.training === undefined ? 'model' : 'training' })
    .diagnostics;
}
