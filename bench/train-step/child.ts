import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { compileModel } from '../../cli/compile-model.ts';
import { availableForms } from '../../cli/train/available-forms.ts';
import { makeStepProgram } from '../../cli/train/step-program.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import type { Batch } from '../../src/runtime/batches.ts';
import { startOrtEngine } from '../../src/runtime/training/ort-engine.ts';
import { shapeOf } from '../../src/verify/tensors.ts';
import { trainingInputs } from '../../src/verify/training-inputs.ts';
import { peakMemory } from './peak-memory.ts';

/**
 * A training step of netc's step graph in ONNX Runtime: `child.ts MODEL BATCH SIZE THREADS [BUDGET]`, the budget of memory
 * in bytes. Reads a line from its input for each step that it is to take and answers with a line of JSON: the milliseconds by
 * the clock, the loss, and the largest memory so far in bytes.
 */
const [file = '', batchSize = '', size = '', threads = '', budget] = process.argv.slice(2);
const batch = Number(batchSize);
const model = await compileModel(join('bench/train-step', file), { set: { size } }, (diagnostics) => {
  for (const { message } of diagnostics) process.stderr.write(`${message}\n`);
});
const graph = model && flatten(model.module, { mode: 'train', entry: 'training' }).graph;
if (model === undefined || graph === undefined) throw new Error(`${file} cannot be trained`);
const tensors = new Map(
  [...trainingInputs(graph, model.module, batch)].map(([name, array]) => [
    name,
    { shape: shapeOf(array), data: Float32Array.from(array.data) },
  ]),
);
const started = performance.now();
const { program, diagnostics } = await makeStepProgram(
  model.module,
  { tensors: [] },
  {
    sourceSha256: '',
    batch,
    forms: await availableForms(),
    ...(budget !== undefined && { memoryBudget: Number(budget) }),
  },
);
if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
const compiled = performance.now();
const scores = model.module.model.outputs[0]?.name ?? '';
const settings = { seed: 1, steps: 1000, scores, threads: Number(threads) };
const engine = await startOrtEngine({ ...program, tensorsOf: () => tensors }, settings);
const none = new Float32Array();
const data: Batch = { index: 0, size: batch, images: none, labels: none, known: none, samples: [] };
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
