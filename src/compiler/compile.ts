import { Checker } from './check/checker.ts';
import { evaluate } from './check/expressions.ts';
import { checkModel, type ModelEntity } from './check/model.ts';
import { checkStatements } from './check/statements.ts';
import { checkTraining } from './check/train.ts';
import { errorAt, hasErrors, type Diagnostic } from './diagnostics/diagnostic.ts';
import type { Func, Module } from './ir/module.ts';
import { resolve } from './resolve/resolve.ts';
import type { ResolvedProgram } from './resolve/program.ts';
import { didYouMean } from './resolve/suggest.ts';
import type { SourceReader } from './source/reader.ts';
import type { SourceFile } from './source/source-file.ts';

export interface CompileOptions {
  /** How files are read; see `memoryReader` for sources that are not on a disk. */
  readonly reader: SourceReader;
  /** Hyper-parameters of the model, as the command line gives them: `{ size: "96" }`. */
  readonly set?: Readonly<Record<string, string>>;
  /** The model to build, where the file has several. */
  readonly model?: string;
}

export interface Compilation {
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, by path: what a renderer needs for code frames. */
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly program: ResolvedProgram | undefined;
  /** The IR; undefined after errors, and for a file that declares no model. */
  readonly module: Module | undefined;
}

/**
 * The front half of the compiler: source -> syntax -> names -> checked blocks -> IR module. Targets are made from
 * the module: `flatten` (ir/inline.ts), the passes, `lower/`.
 */
export function compile(path: string, options: CompileOptions): Compilation {
  const { program, sources, diagnostics: found } = resolve(path, options.reader);
  if (program === undefined) return { diagnostics: found, sources, program, module: undefined };

  const checker = new Checker({ evaluate, checkStatements });
  // Blocks of imported files are checked when something reaches them; all of them, when the file itself is compiled.
  for (const entity of program.root.names.values()) {
    if (entity.kind === 'block' && entity.module === program.root) checker.define(entity);
    else if (entity.kind === 'labels' && entity.module === program.root) checker.labels(entity);
  }
  const soFar = [...found, ...checker.diagnostics];
  const chosen = chooseModel(
    program,
    options.model,
    soFar.some((d) => d.severity === 'error'),
    checker,
  );
  const module = chosen === undefined ? undefined : makeModule(checker, program, chosen, options.set ?? {});
  const diagnostics = [...found, ...checker.diagnostics];
  return { diagnostics, sources, program, module: hasErrors(diagnostics) ? undefined : module };
}

function chooseModel(
  program: ResolvedProgram,
  wanted: string | undefined,
  failed: boolean,
  checker: Checker,
): ModelEntity | undefined {
  const { root } = program;
  const models = [...root.names.values()].filter(
    (e): e is ModelEntity => e.kind === 'model' && e.module === root,
  );
  for (const train of root.trains) {
    const entity = root.names.get(train.model.text);
    if (entity?.kind === 'model' || entity?.kind === 'poison') continue;
    const help = didYouMean(train.model.text, models.map((model) => model.decl.name.text)); // prettier-ignore
    checker.diagnostics.push(
      errorAt(
        'N2001',
        train.model.span,
        `there is no model \`${train.model.text}\``,
        help === undefined ? {} : { help },
      ),
    );
  }
  if (wanted === undefined) {
    const [first, second] = models;
    if (first !== undefined && second !== undefined && !failed) {
      checker.diagnostics.push(
        errorAt('N2009', second.decl.name.span, 'the file declares several models, and none was chosen', {
          help: `choose one: \`--model ${first.decl.name.text}\``,
        }),
      );
    }
    return first;
  }
  const model = models.find((entity) => entity.decl.name.text === wanted);
  if (model === undefined) {
    const help = didYouMean(wanted, models.map((entity) => entity.decl.name.text)); // prettier-ignore
    const place = { file: root.path, start: 0, end: 0 };
    checker.diagnostics.push(
      errorAt('N2001', place, `there is no model \`${wanted}\``, help === undefined ? {} : { help }),
    );
  }
  return model;
}

function makeModule(
  checker: Checker,
  program: ResolvedProgram,
  entity: ModelEntity,
  set: Readonly<Record<string, string>>,
): Module | undefined {
  const model = checkModel(checker, entity, set);
  if (model === undefined) return undefined;
  const trains = program.root.trains.filter((train) => train.model.text === entity.decl.name.text);
  const [train, second] = trains;
  if (second !== undefined) {
    checker.diagnostics.push(
      errorAt('N2002', second.model.span, `there are two \`train ${second.model.text}\``),
    );
  }
  const training = train === undefined ? undefined : checkTraining(checker, program.root, train, model);
  const functions = new Map<string, Func>(checker.functions);
  functions.set(model.func.id, model.func);
  if (training !== undefined) functions.set(training.func.id, training.func);
  return { functions, model: model.entry, training: training?.entry };
}
