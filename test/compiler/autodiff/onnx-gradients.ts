import { lowerOnnx } from '../../../src/compiler/lower/onnx/lower-onnx.ts';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import type { GradientRun } from './gradient-runs.ts';
import { runOnnxModel } from './run-onnx-model.ts';

/** The gradients of a run as ONNX Runtime computes them in float32. */
export async function onnxGradients({
  graph,
  inputs,
}: Pick<GradientRun, 'graph' | 'inputs'>): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0', docs: [] };
  const physical = layout(deadCode.run(graph), 'channels-first');
  const { model, diagnostics } = lowerOnnx(physical, new Map(), provenance);
  if (model === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return runOnnxModel(model, inputs);
}
