import { join } from 'node:path';
import { hasErrors } from '../src/compiler/diagnostics/diagnostic.ts';
import type { Verification } from '../src/verify/verify-targets.ts';
import type { CompiledModel } from './compile-model.ts';
import type { EmittedTargets } from './emit-targets.ts';
import type { Target } from './separate-targets.ts';
import type { ModelChoice } from './source-options.ts';
import { table } from './table.ts';

export interface VerifyModelOptions {
  readonly targets: readonly Target[];
  readonly choice: ModelChoice;
  readonly batch: number | undefined;
  /** Whether the ONNX file prepares images itself. */
  readonly prepareImages?: boolean;
  /** What is going to be written, where it has been made already. */
  readonly emitted?: EmittedTargets | undefined;
}

/** Verifies a compiled file; smaller variants of the model are compiled from the same sources. */
export async function verifyModel(
  model: CompiledModel,
  { targets, choice, batch, emitted, prepareImages = false }: VerifyModelOptions,
): Promise<Verification> {
  const [{ verifyTargets }, { compile }, { flatten }, { writeProgram }] = await Promise.all([
    import('../src/verify/verify-targets.ts'),
    import('../src/compiler/compile.ts'),
    import('../src/compiler/ir/inline.ts'),
    import('./write-program.ts'),
  ]);
  const [{ mkdtemp, rm }, { tmpdir }] = await Promise.all([import('node:fs/promises'), import('node:os')]);
  const temporary = emitted?.onnxData && (await mkdtemp(join(tmpdir(), 'netc-verify-')));
  try {
    return await verifyTargets({
      module: model.module,
      targets,
      prepareImages,
      ...(batch === undefined ? {} : { batch }),
      ...(emitted?.onnx === undefined ? {} : { onnxFile: await onnxFile(emitted, temporary) }),
      writeProgram: async (module) => {
        const isWhole = module === model.module && emitted?.program !== undefined;
        return isWhole
          ? emitted.program
          : writeProgram(module, model.file, { sourceSha256: '', format: false });
      },
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
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

/** The file's bytes; with weights in another file, the path of both in a temporary folder, since engines look for them there. */
async function onnxFile(
  { onnx = [], onnxData }: EmittedTargets,
  temporary: string | undefined,
): Promise<Uint8Array | string> {
  if (onnxData === undefined || temporary === undefined) return Buffer.concat(onnx);
  const { writeFilesAtomic } = await import('../src/runtime/atomic-file.ts');
  const path = join(temporary, 'model.onnx');
  await writeFilesAtomic([
    { path, content: onnx },
    { ...onnxData, path: join(temporary, onnxData.path) },
  ]);
  return path;
}

const marks = { passed: 'ok', failed: 'FAIL', skipped: '-' } as const;

/** What was held against what, for a person. */
export function renderChecks({ checks, ok }: Verification): string {
  const rows = checks.map(({ name, state, measured, limit, note }) => [
    marks[state],
    name,
    measured === undefined ? '' : short(measured),
    limit === undefined ? '' : short(limit),
    note ?? '',
  ]);
  const columns = [
    { title: '' },
    { title: 'verified' },
    { title: 'measured', align: 'right' as const },
    { title: 'limit', align: 'right' as const },
    { title: '' },
  ];
  return `${table(columns, rows)}\n\n${verdict(checks, ok)}`;
}

function verdict(checks: Verification['checks'], ok: boolean): string {
  if (!ok) return 'The targets do not agree: do not use them.';
  const isCompared = checks.some(({ state }) => state !== 'skipped');
  return isCompared ? 'The targets agree.' : 'Nothing was compared.';
}

/** Two digits, with an exponent where the number is small. */
function short(value: number): string {
  return value < 0.01 ? value.toExponential(1) : value.toPrecision(2);
}
