import type { TrainingProgram } from '../../src/runtime/training/tfjs-engine.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { CompiledModel } from '../compile-model.ts';

/** The model's TensorFlow.js program, loaded from memory. UserError R4007 where it is not one that learns from images. */
export async function loadProgram(model: CompiledModel, sourceSha256: string): Promise<TrainingProgram> {
  if (model.module.training === undefined) {
    throw new UserError('R4007', `The file has no \`train\` for the model ${model.module.model.name}.`, {
      place: model.file,
      remedy: `Add one: train ${model.module.model.name} { target ... loss = ... optimizer ... batch ... epochs ... }.`,
    });
  }
  const [{ writeProgram }, { memoryModules }, { importUrl }] = await Promise.all([
    import('../write-program.ts'),
    import('../../src/verify/program-loader.ts'),
    import('../../src/verify/import-url.ts'),
  ]);
  const { files, entry } = await writeProgram(model.module, model.file, { sourceSha256, format: false });
  const program = (await importUrl(memoryModules(files)(entry))) as Partial<TrainingProgram>;
  if (!isTrainable(program)) {
    throw new UserError(
      'R4007',
      'What is trained here has one input `from pixels`, one output with `labels`, one `target` of that shape, and at most one `weight`.',
      {
        place: model.file,
        remedy:
          'Train other models with your own loop over the program that `netc build --target tfjs` writes.',
      },
    );
  }
  return program;
}

/** Programs without a data set to read export neither. */
function isTrainable(program: Partial<TrainingProgram>): program is TrainingProgram {
  return program.toTensors !== undefined && program.pixels !== undefined;
}
