import { basename } from 'node:path';
import type { Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import { encodeOnnxPieces } from '../src/compiler/lower/onnx/encode.ts';
import { driverFiles } from '../src/compiler/lower/onnx-train/driver-files.ts';
import { writeDriver } from '../src/compiler/lower/onnx-train/driver.ts';
import { writeDriverTypes } from '../src/compiler/lower/onnx-train/driver-types.ts';
import type { LayOut } from '../src/compiler/lower/tfjs/lay-out.ts';
import { emitTraining } from '../src/compiler/targets/onnx-train.ts';
import type { FileToWrite } from '../src/runtime/atomic-file.ts';
import { encodeSafetensors, type SafeTensor } from '../src/runtime/safetensors.ts';
import { readDriverAssets } from './assets.ts';
import type { CompiledModel } from './compile-model.ts';
import { version } from './version.ts';

export interface EmitTrainingOptions {
  readonly batch: number | undefined;
  readonly memoryBudget: number | undefined;
  readonly sourceSha256: string;
  readonly layOut: LayOut;
}

/** The files of the target `onnx-train`, in memory; undefined after an error. */
export async function emitTrainingFiles(
  { module, file }: CompiledModel,
  { batch, memoryBudget, sourceSha256, layOut }: EmitTrainingOptions,
): Promise<{
  readonly files: readonly FileToWrite[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const { made, diagnostics } = emitTraining(module, {
    batch: batch ?? module.training?.batch ?? 1,
    ...(memoryBudget !== undefined && { memoryBudget }),
    provenance: { sourceSha256, languageVersion: '1', compilerVersion: version },
  });
  if (made === undefined) return { files: undefined, diagnostics };
  const sourceName = basename(file);
  const names = driverFiles(sourceName);
  const driver = layOut(writeDriver(made.driver, { sourceName, sourceSha256, netcVersion: version }));
  const initial = made.initial.map(({ path, shape, data }): [string, SafeTensor] => [
    path,
    { dtype: 'F32', shape, data: Float32Array.from(data) },
  ]);
  const files = [
    { path: names.step, content: await encodeOnnxPieces(made.step) },
    ...(made.accumulating === undefined
      ? []
      : [{ path: names.accumulating, content: await encodeOnnxPieces(made.accumulating) }]),
    { path: names.evaluation, content: await encodeOnnxPieces(made.evaluation) },
    {
      path: names.initial,
      content: encodeSafetensors(new Map(initial), { model: module.model.name, format: 'netc-1' }),
    },
    { path: names.driver, content: await driver },
    { path: names.types, content: writeDriverTypes(made.driver) },
    ...readDriverAssets().map(({ path, text }) => ({ path, content: text })),
  ];
  return { files, diagnostics: [] };
}
