import type { TrainingProgram } from '../../src/runtime/training/tfjs-engine.ts';
import type { CompiledModel } from '../compile-model.ts';
import { recipeOf } from './recipe-of.ts';

/** The model's TensorFlow.js program, loaded from memory. UserError R4007 where it is not one that learns from images. */
export async function loadProgram(model: CompiledModel, sourceSha256: string): Promise<TrainingProgram> {
  recipeOf(model);
  const [{ writeProgram }, { memoryModules }, { importUrl }] = await Promise.all([
    import('../write-program.ts'),
    import('../../src/verify/program-loader.ts'),
    import('../../src/verify/import-url.ts'),
  ]);
  const { files, entry } = await writeProgram(model.module, model.file, { sourceSha256, format: false });
  const program = (await importUrl(memoryModules(files)(entry))) as Partial<TrainingProgram>;
  if (!isTrainable(program))
    throw new Error(`${entry} does not read images, though the model learns from them`);
  return program;
}

/** Programs without a data set to read export neither. */
function isTrainable(program: Partial<TrainingProgram>): program is TrainingProgram {
  return program.toTensors !== undefined && program.pixels !== undefined;
}
