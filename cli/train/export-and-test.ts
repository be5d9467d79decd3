import { basename, join } from 'node:path';
import { writeFilesAtomic } from '../../src/runtime/atomic-file.ts';
import type { ImageCache } from '../../src/runtime/image-cache.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import type { RunConfiguration } from '../../src/runtime/training/configuration.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import { evaluateSamples } from '../../src/runtime/training/evaluate-samples.ts';
import type { Measure, Measurement } from '../../src/runtime/training/measure.ts';
import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { readBest, restore, runFiles } from '../../src/runtime/training/train.ts';
import type { CompiledModel } from '../compile-model.ts';
import type { LiveLine } from '../live-line.ts';
import { startPredictor } from '../predict/predictor.ts';
import { onnxWithWeights } from '../predict/source-with-weights.ts';
import { measuredOutput, scoreOnnx } from './score-onnx.ts';

export interface ExportRequest {
  readonly model: CompiledModel;
  readonly folder: string;
  readonly engine: Engine;
  readonly recipe: ImageRecipe;
  readonly measure: Measure;
  readonly configuration: RunConfiguration;
  /** The official test list. */
  readonly samples: readonly Sample[];
  readonly cache: ImageCache;
  /** Throws where the folder is not this run's any more. */
  readonly confirmFolder: () => Promise<void>;
  readonly line: LiveLine;
  readonly signal: AbortSignal;
}

export interface TestReport {
  /** From 1. */
  readonly bestEpoch: number;
  readonly split: string;
  readonly measure: Measure['name'];
  readonly rows: Measurement['rows'];
  /** The rows for a person. */
  readonly text: string;
  /** How far the engine that trained and the ONNX file are apart. */
  readonly agreement: {
    /** For labels the largest difference of two scores, relative to the largest; for masks that of two images' Dice. */
    readonly difference: number;
    /** Difference of the mean AUC or Dice, the one that is measured; null where it is not defined. */
    readonly auc?: number | null;
    readonly dice?: number | null;
  };
  readonly exported: readonly string[];
}

/** Writes the best weights and the ONNX file of them, and measures both on the test list. The engine is closed after its part. */
export async function exportAndTest(request: ExportRequest): Promise<TestReport> {
  const { model, folder, engine, recipe, measure, configuration, samples, cache, line, signal } = request;
  await request.confirmFolder();
  const best = await readBest(folder, configuration);
  restore(engine, best.state, join(folder, runFiles.best));
  const name = basename(model.file, '.net');
  const weightsFile = join(folder, `${name}.weights.safetensors`);
  const onnxFile = join(folder, `${name}.onnx`);
  await writeFilesAtomic([{ path: weightsFile, content: await engine.exportWeights() }]);
  const onnx = await onnxWithWeights(model, weightsFile);
  await writeFilesAtomic([{ path: onnxFile, content: onnx }]);

  const { pixels } = recipe;
  const ours = await evaluateSamples(
    engine,
    samples,
    { size: configuration.batch, pixels, cache, signal },
    (done) => line.update('testing', done, samples.length, 'images'),
    measure.keep,
  );
  // What it has is free for the engine that runs the file.
  engine.close();
  const predictor = await startPredictor(onnx, onnxFile);
  try {
    const output = measuredOutput(predictor, onnxFile);
    const theirs = await scoreOnnx(predictor, output, samples, {
      batch: configuration.batch,
      cache,
      signal,
      onBatch: (done) => line.update('testing the ONNX file', done, samples.length, 'images'),
    });
    const { mean, rows, text } = measure.over(samples, theirs, configuration.seed);
    const before = measure.over(samples, ours.scores).mean;
    const apart = before === undefined || mean === undefined ? null : Math.abs(before - mean);
    const report: TestReport = {
      bestEpoch: (best.progress.best?.epoch ?? 0) + 1,
      split: `test list of ${samples.length} images`,
      measure: measure.name,
      rows,
      text,
      agreement: { difference: measure.distance(theirs, ours.scores), [measure.name]: apart },
      exported: [onnxFile, weightsFile, join(folder, 'test.json')],
    };
    const { split, bestEpoch, agreement } = report;
    const results = {
      format: 1,
      model: configuration.model,
      seed: configuration.seed,
      split,
      bestEpoch,
      measure: measure.name,
      rows,
      agreement,
    };
    await writeFilesAtomic([
      { path: join(folder, 'test.json'), content: `${JSON.stringify(results, null, 2)}\n` },
    ]);
    return report;
  } finally {
    line.clear();
    await predictor.close();
  }
}
