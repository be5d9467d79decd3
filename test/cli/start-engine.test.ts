import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { compileModel, type CompiledModel } from '../../cli/compile-model.ts';
import { recipeOf } from '../../cli/train/recipe-of.ts';
import { startEngine, type EngineRequest } from '../../cli/train/start-engine.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

// As on a machine for which the package has no native library: here, and in the process that computes.
vi.mock('onnxruntime-node', () => {
  throw new Error('the native library does not load');
});
vi.stubEnv('NODE_OPTIONS', '--no-addons');

const root = await temporaryFolder();
let model: CompiledModel;

beforeAll(async () => {
  const file = join(root, 'tiny.net');
  await writeFile(
    file,
    `language 1

labels Findings = ["Mass", "Nodule"]

model Tiny(classes: labels = Findings) {
  input image: [N, C: 1, H: 8, W: 8] from pixels(mean: [0.5], std: [0.25])
  logits = image |> mean(over: [H, W]) |> linear(C -> K: classes)
  output logits
  output probability = sigmoid(logits) labels classes
}

train Tiny {
  target findings: [N, K: classes]
  loss = mean(softplus(logits) - findings * logits, over: [N, K])
  optimizer sgd(lr: 0.1)
}
`,
  );
  const compiled = await compileModel(file, { set: {} }, () => undefined);
  if (compiled === undefined) throw new Error('the model does not compile');
  model = compiled;
});

function request(engine: EngineRequest['engine']): EngineRequest {
  const recipe = recipeOf(model);
  return { model, recipe, engine, provider: 'cpu', debugNan: false, memoryBudget: undefined, seed: 1, batch: 4, steps: 10 }; // prettier-ignore
}

test('TensorFlow.js trains where ONNX Runtime does not load, and it is said', async () => {
  const { engine, warning } = await startEngine(request('auto'));
  expect(engine?.identity.engine).toBe('tfjs');
  expect(warning).toMatch(/^TensorFlow.js trains, not ONNX Runtime: ONNX Runtime cannot be loaded/);
  engine?.close();
});

test('who asks for ONNX Runtime alone gets an error', async () => {
  await expect(startEngine(request('ort'))).rejects.toMatchObject({ code: 'R4008' });
});
