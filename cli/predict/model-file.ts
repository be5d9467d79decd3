import { readFile } from 'node:fs/promises';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import { UsageError } from '../command.ts';
import { compileModel } from '../compile-model.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { ModelChoice } from '../source-options.ts';

/**
 * The bytes of an ONNX file, or of the one that a source and a file of weights make; undefined where the source has
 * errors, which have been reported.
 */
export async function loadModelFile(
  network: string,
  weights: string | undefined,
  choice: ModelChoice,
  problems: ProblemReport,
): Promise<Uint8Array | undefined> {
  if (network.endsWith('.onnx')) {
    if (weights !== undefined)
      throw new UsageError('an ONNX file has its weights inside; --weights is for sources');
    try {
      return await readFile(network);
    } catch (error) {
      throw fromSystem(error, network, 'read');
    }
  }
  if (weights === undefined) {
    throw new UsageError('a source needs --weights FILE: a model that was never trained knows nothing');
  }
  const model = await compileModel(network, choice, problems.report);
  if (model === undefined) return undefined;
  const { onnxWithWeights } = await import('./source-with-weights.ts');
  return onnxWithWeights(model, weights);
}
