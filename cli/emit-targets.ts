import { basename } from 'node:path';
import type { Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import type { Module } from '../src/compiler/ir/module.ts';
import type { FileToWrite } from '../src/runtime/atomic-file.ts';
import type { Program } from '../src/verify/verify-targets.ts';
import { readAssets } from './assets.ts';
import type { CompiledModel } from './compile-model.ts';
import type { Target } from './separate-targets.ts';
import { version } from './version.ts';

export interface EmittedFile extends FileToWrite {
  readonly target: Target;
}

export interface EmittedTargets {
  /** Paths relative to the folder of the output; undefined after an error. */
  readonly files: readonly EmittedFile[] | undefined;
  /** The ONNX file in pieces, so that its weights are not copied once more to be written. */
  readonly onnx?: readonly Uint8Array[];
  readonly program?: Program;
  readonly diagnostics: readonly Diagnostic[];
}

/** The files of the targets, in memory. Equal sources give equal bytes. */
export async function emitTargets(
  model: CompiledModel,
  targets: readonly Target[],
  batch: number | undefined,
): Promise<EmittedTargets> {
  const { sourceHash } = await import('../src/compiler/targets/source-hash.ts');
  const sourceSha256 = await sourceHash(model.sources);
  const files: EmittedFile[] = [];
  let onnx: readonly Uint8Array[] | undefined;
  let program: Program | undefined;
  if (targets.includes('onnx')) {
    const [{ emitOnnx }, { encodeOnnxPieces }] = await Promise.all([
      import('../src/compiler/targets/onnx.ts'),
      import('../src/compiler/lower/onnx/encode.ts'),
    ]);
    const provenance = { sourceSha256, languageVersion: '1', compilerVersion: version };
    const { model: made, diagnostics } = emitOnnx(model.module, {
      provenance,
      ...(batch === undefined ? {} : { batch }),
    });
    if (made === undefined) return { files: undefined, diagnostics };
    onnx = await encodeOnnxPieces(made);
    files.push({ target: 'onnx', path: `${basename(model.file, '.net')}.onnx`, content: onnx });
  }
  if (targets.includes('tfjs')) {
    program = await emitProgram(model.module, model.file, { sourceSha256, format: true });
    files.push(...program.files.map(({ path, text }) => ({ target: 'tfjs' as const, path, content: text })));
  }
  return {
    files,
    diagnostics: [],
    ...(onnx === undefined ? {} : { onnx }),
    ...(program === undefined ? {} : { program }),
  };
}

/** The TensorFlow.js program of a module and the modules beside it. */
export async function emitProgram(
  module: Module,
  file: string,
  options: { readonly sourceSha256: string; readonly format: boolean },
): Promise<Program> {
  const { lowerTfjs, programFile } = await import('../src/compiler/lower/tfjs/lower-tfjs.ts');
  const sourceName = basename(file);
  const files = await lowerTfjs(module, {
    sourceName,
    netcVersion: version,
    assets: readAssets(),
    ...options,
  });
  return { files, entry: programFile(sourceName) };
}
