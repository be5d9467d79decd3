import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { compileModel } from '../../cli/compile-model.ts';
import { availableForms } from '../../cli/train/available-forms.ts';
import { makeStepProgram } from '../../cli/train/step-program.ts';
import { imageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { Batch } from '../../src/runtime/batches.ts';
import { startOrtEngine } from '../../src/runtime/training/ort-engine.ts';
import { peakMemory } from './peak-memory.ts';

/**
 * A training step of netc's step graph in ONNX Runtime: `child.ts MODEL BATCH SIZE THREADS [BUDGET]`, the budget of memory
 * in bytes. Reads a line from its input
 * for each step that it is to take and answers with a line of JSON: the milliseconds by the clock, the loss, and the
 * largest memory so far in bytes.
 */
const [file = '', batchSize = '', size = '', threads = '', budget] = process.argv.slice(2);
const batch = Number(batchSize);
const model = await compileModel(join('bench/train-step', file), { set: { size } }, (diagnostics) => {
  for (const { message } of diagnostics) process.stderr.write(`${message}\n`);
});
const recipe = model && imageRecipe(model.module);
if (model === undefined || recipe === undefined) throw new Error(`${file} cannot be trained`);
const started = performance.now();
const { program, diagnostics } = await makeStepProgram(model.module, recipe, {
  sourceSha256: '',
  batch,
  forms: await availableForms(),
  ...(budget !== undefined && { memoryBudget: Number(budget) }),
});
if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
const compiled = performance.now();
const scores = model.module.model.outputs[0]?.name ?? '';
const engine = await startOrtEngine(program, { seed: 1, steps: 1000, scores, threads: Number(threads) });
const { channels, height, width } = recipe.pixels;
const labels = recipe.labels.length;
const data: Batch = {
  index: 0,
  size: batch,
  images: uniforms(batch * channels * height * width, 1, 'images'),
  labels: uniforms(batch * labels, 1, 'labels').map((u) => (u < 0.2 ? 1 : 0)),
  known: new Float32Array(batch * labels).fill(1),
  samples: [],
};
const first = await timed();
write({ compile: compiled - started, first: first.ms });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  write(await timed());
}
engine.close();

async function timed(): Promise<{ readonly ms: number; readonly loss: number; readonly memory: number }> {
  const start = performance.now();
  const loss = await engine.trainOn(data);
  return { ms: performance.now() - start, loss, memory: peakMemory() };
}

function write(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
