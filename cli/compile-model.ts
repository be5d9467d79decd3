import type { Module } from '../src/compiler/ir/module.ts';
import { errorAt, type Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import { compileSource, type CompiledSource } from './compile-source.ts';
import type { ModelChoice } from './source-options.ts';
import { Span } from '../src/compiler/source/span.ts';

export interface CompiledModel extends CompiledSource {
  readonly module: Module;
}

type Report = (diagnostics: readonly Diagnostic[], source: CompiledSource) => void;

/**
 * Compiles a file that has to declare a model. Undefined where it cannot be built; `report` has then heard why, and
 * warnings in any case.
 */
export async function compileModel(
  file: string,
  choice: ModelChoice,
  report: Report,
): Promise<CompiledModel | undefined> {
  return modelOf(await compileSource(file, choice), report);
}

/** The same for what was compiled already. */
export function modelOf(source: CompiledSource, report: Report): CompiledModel | undefined {
  const { file, module, diagnostics, program } = source;
  if (module !== undefined) {
    report(diagnostics, source);
    return { ...source, module };
  }
  const place = Span.startOf(program?.root.path ?? file);
  const nothing = errorAt('N2009', place, 'the file declares no model', {
    help: 'blocks are built as parts of a model; `netc check` is content with a file of blocks',
  });
  report(source.failed ? diagnostics : [...diagnostics, nothing], source);
  return undefined;
}
