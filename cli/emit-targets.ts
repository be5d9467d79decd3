import { basename } from 'node:path';
import type { Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import type { Opset } from '../src/compiler/lower/onnx/opset.ts';
import type { LayOut } from '../src/compiler/lower/tfjs/lay-out.ts';
import type { FileToWrite } from '../src/runtime/atomic-file.ts';
import type { Program } from '../src/verify/verify-targets.ts';
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
  /** The file of its weights, where they are in one of their own. */
  readonly onnxData?: FileToWrite;
  readonly program?: Program;
  readonly diagnostics: readonly Diagnostic[];
}

export interface EmitOptions {
  readonly batch: number | undefined;
  /** Bytes that a step of training may hold; undefined where nobody limits it. */
  readonly memoryBudget: number | undefined;
  /** See `OnnxOptions`. */
  readonly prepareImages: boolean;
  readonly functions: boolean;
  readonly opset: Opset | undefined;
  /** Whether the weights go into a file of their own, `NAME.onnx.data`. */
  readonly externalData: boolean;
  /** Lays out the program while this thread makes the weights of the ONNX file. */
  readonly layOut: LayOut;
}

/** The files of the targets, in memory. Equal sources give equal bytes. */
export async function emitTargets(
  model: CompiledModel,
  targets: readonly Target[],
  { batch, memoryBudget, prepareImages, functions, opset, externalData, layOut }: EmitOptions,
): Promise<EmittedTargets> {
  const [{ sourceHash }, { writeProgram }] = await Promise.all([
    import('../src/compiler/targets/source-hash.ts'),
    import('./write-program.ts'),
  ]);
  const sourceSha256 = await sourceHash(model.sources);
  const laidOut = targets.includes('tfjs')
    ? writeProgram(model.module, model.file, { sourceSha256, format: true, layOut })
    : undefined;
  // Where the ONNX file cannot be made, nobody waits for the program.
  laidOut?.catch(() => undefined);
  const files: EmittedFile[] = [];
  let onnx: readonly Uint8Array[] | undefined;
  let onnxData: FileToWrite | undefined;
  if (targets.includes('onnx')) {
    const [{ emitOnnx }, { encodeOnnxPieces, encodeWithExternalData }] = await Promise.all([
      import('../src/compiler/targets/onnx.ts'),
      import('../src/compiler/lower/onnx/encode.ts'),
    ]);
    const provenance = { sourceSha256, languageVersion: '1', compilerVersion: version };
    const { model: made, diagnostics } = emitOnnx(model.module, {
      provenance,
      prepareImages,
      functions,
      ...(opset === undefined ? {} : { opset }),
      ...(batch === undefined ? {} : { batch }),
    });
    if (made === undefined) return { files: undefined, diagnostics };
    const path = `${basename(model.file, '.net')}.onnx`;
    if (externalData) {
      const { file, data } = await encodeWithExternalData(made, `${path}.data`);
      onnx = file;
      onnxData = { path: `${path}.data`, content: data };
      files.push({ target: 'onnx', path, content: file }, { target: 'onnx', ...onnxData });
    } else {
      onnx = await encodeOnnxPieces(made);
      files.push({ target: 'onnx', path, content: onnx });
    }
  }
  if (targets.includes('onnx-train')) {
    const { emitTrainingFiles } = await import('./emit-training.ts');
    const training = await emitTrainingFiles(model, { batch, memoryBudget, sourceSha256, layOut });
    if (training.files === undefined) return { files: undefined, diagnostics: training.diagnostics };
    files.push(...training.files.map((file) => ({ target: 'onnx-train' as const, ...file })));
  }
  const program = await laidOut;
  if (program !== undefined) {
    // Modules that programs of both targets import are the same.
    const known = new Set(files.map(({ path }) => path));
    const own = program.files.filter(({ path }) => !known.has(path));
    files.push(...own.map(({ path, text }) => ({ target: 'tfjs' as const, path, content: text })));
  }
  return {
    files,
    diagnostics: [],
    ...(onnx === undefined ? {} : { onnx }),
    ...(onnxData === undefined ? {} : { onnxData }),
    ...(program === undefined ? {} : { program }),
  };
}
