import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileModel } from '../../cli/compile-model.ts';
import { loadProgram } from '../../cli/train/load-program.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { Batch } from '../../src/runtime/batches.ts';
import { decodeSafetensors } from '../../src/runtime/safetensors.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import { startTfjsEngine } from '../../src/runtime/training/tfjs-engine.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const root = await temporaryFolder();

const source = (average: string): string => `language 1
labels Findings = ["Effusion", "Mass"]
model Tiny(classes: labels = Findings) {
  input image: [N, C: 1, H: 8, W: 8] from pixels(mean: [0.5], std: [0.25])
  features = image |> conv(C -> C: 3, over: [H: 3, W: 3]) |> batch_norm(C) |> relu
  logits = features |> mean(over: [H, W]) |> linear(C -> K: classes)
  output logits
  output probability = sigmoid(logits) labels classes
}
train Tiny {
  target findings: [N, K: classes]
  loss = mean(softplus(logits) - findings * logits, over: [N, K])
  optimizer adam(lr: 0.1)
  ${average}
}
`;

async function engineOf(average: string): Promise<Engine> {
  const file = join(root, `tiny-${average.length}.net`);
  await writeFile(file, source(average));
  const model = await compileModel(file, { set: {} }, () => undefined);
  if (model === undefined) throw new Error('the model does not compile');
  return startTfjsEngine(await loadProgram(model, ''), { seed: 3, steps: 20, scores: 'logits' });
}

function batchOf(index: number): Batch {
  return {
    index,
    size: 4,
    images: uniforms(4 * 64, index, 'images').map((u) => 2 * u - 1),
    labels: uniforms(4 * 2, index, 'labels').map((u) => (u < 0.5 ? 0 : 1)),
    known: new Float32Array(8).fill(1),
    samples: [],
  };
}

test('evaluation and export go by the average of weights, training and checkpoints have both', async () => {
  const engine = await engineOf('average ema(0.5)');
  const plain = await engineOf('');
  for (const number of [0, 1, 2]) {
    // Training goes by the weights themselves.
    expect(await engine.trainOn(batchOf(number))).toBe(await plain.trainOn(batchOf(number)));
  }
  const state = await engine.exportState();
  const { tensors: kept } = decodeSafetensors(state, 'the state');
  const { tensors: exported } = decodeSafetensors(await engine.exportWeights(), 'the weights');
  for (const [path, { data }] of exported) {
    expect(kept.get(`optimizer.average/${path}`)?.data, path).toEqual(data);
  }
  expect(kept.get('logits/weight')?.data).not.toEqual(exported.get('logits/weight')?.data);

  const evaluation = await engine.evaluate(batchOf(9));
  expect(evaluation).not.toEqual(await plain.evaluate(batchOf(9)));
  const resumed = await engineOf('average ema(0.5)');
  resumed.importState(state);
  expect(await resumed.evaluate(batchOf(9))).toEqual(evaluation);
  for (const started of [engine, plain, resumed]) started.close();
});
