import { basename } from 'node:path';
import type { Module } from '../src/compiler/ir/module.ts';
import { hasErrors } from '../src/compiler/diagnostics/diagnostic.ts';
import type { Program, Verification } from '../src/verify/verify-targets.ts';
import { readAssets } from './assets.ts';
import type { CompiledModel } from './compile-model.ts';
import type { Target } from './separate-targets.ts';
import type { ModelChoice } from './source-options.ts';
import { table } from './table.ts';
import { version } from './version.ts';

export interface VerifyModelOptions {
  readonly targets: readonly Target[];
  readonly choice: ModelChoice;
  readonly batch: number | undefined;
}

/** Verifies a compiled file; smaller variants of the model are compiled from the same sources. */
export async function verifyModel(
  model: CompiledModel,
  { targets, choice, batch }: VerifyModelOptions,
): Promise<Verification> {
  const [{ verifyTargets }, { compile }, { flatten }] = await Promise.all([
    import('../src/verify/verify-targets.ts'),
    import('../src/compiler/compile.ts'),
    import('../src/compiler/ir/inline.ts'),
  ]);
  return verifyTargets({
    module: model.module,
    targets,
    ...(batch === undefined ? {} : { batch }),
    writeProgram: (module) => writeProgram(module, model.file, ''),
    makeVariant: (set) => {
      const { module, diagnostics } = compile(model.entry, {
        reader: model.reader,
        ...choice,
        set: { ...choice.set, ...set },
      });
      if (module === undefined || hasErrors(diagnostics)) return undefined;
      return flatten(module, { mode: 'infer' }).graph === undefined ? undefined : module;
    },
  });
}

/** The program of a module, as `netc build` writes it but for its layout. */
async function writeProgram(module: Module, file: string, sourceSha256: string): Promise<Program> {
  const { lowerTfjs, programFile } = await import('../src/compiler/lower/tfjs/lower-tfjs.ts');
  const sourceName = basename(file);
  const files = await lowerTfjs(module, {
    sourceName,
    sourceSha256,
    netcVersion: version,
    format: false,
    assets: readAssets(),
  });
  return { files, entry: programFile(sourceName) };
}

const marks = { passed: 'ok', failed: 'FAIL', skipped: '-' } as const;

/** What was held against what, for a person. */
export function renderChecks({ checks, ok }: Verification): string {
  const rows = checks.map(({ name, state, measured, limit, note }) => [
    marks[state],
    name,
    measured === undefined ? '' : measured.toPrecision(2),
    limit === undefined ? '' : String(limit),
    note ?? '',
  ]);
  const columns = [
    { title: '' },
    { title: 'verified' },
    { title: 'measured', align: 'right' as const },
    { title: 'limit', align: 'right' as const },
    { title: '' },
  ];
  return `${table(columns, rows)}\n\n${ok ? 'The targets agree.' : 'The targets do not agree: do not use them.'}`;
}
