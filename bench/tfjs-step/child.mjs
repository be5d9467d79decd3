/**
 * One side of the bench tfjs-step in a process of its own, which takes a step for each message and answers with what it
 * took. By hand, it shows where the time goes:
 *
 *   node bench/tfjs-step/child.mjs hand-written
 *   node bench/tfjs-step/child.mjs generated out/densenet121.train.mjs
 */
import * as tf from '@tensorflow/tfjs-core';

const [side, program] = process.argv.slice(2);
const { prepare } = await import(`./${side}.mjs`);
const step = await prepare({ batch: 4, size: 224, program });

/** Seconds of one step, by the clock and of the processor: the second does not count what other programs take. */
async function timedStep() {
  const [clock, processor] = [performance.now(), process.cpuUsage()];
  const loss = await step();
  const { user, system } = process.cpuUsage(processor);
  return { wall: (performance.now() - clock) / 1e3, processor: (user + system) / 1e6, loss };
}

async function profile() {
  for (let i = 0; i < 4; i++) console.log(await timedStep());
  const { kernels } = await tf.profile(step);
  const totals = new Map();
  for (const { name, kernelTimeMs } of kernels) {
    const { calls, ms } = totals.get(name) ?? { calls: 0, ms: 0 };
    totals.set(name, { calls: calls + 1, ms: ms + Number(await kernelTimeMs) });
  }
  console.table(Object.fromEntries([...totals].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 20)));
}

if (process.send === undefined) {
  await profile();
} else {
  process.on('message', async () => process.send(await timedStep()));
  process.send('ready');
}
