/**
 * What runs in the process that a `ProcessRunner` starts: a runner that does what messages on the standard input say, one after
 * the other, and answers each through a pipe of its own, where nothing that a library prints can come between.
 */
import './no-telemetry.mjs';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { giveBackMemory } from './give-back-memory.mjs';
import { MessageReader, writtenMessage } from './messages.mjs';

const answers = new Socket({ fd: 3, readable: false });
new Worker(new URL('./life-line.mjs', import.meta.url)).unref();

let runner;
let last = Promise.resolve();

const calls = {
  async start(sessionOptions) {
    const [ort, { GraphRunner }] = await Promise.all([
      import('onnxruntime-node'),
      import('./graph-runner.mjs'),
    ]);
    runner = new GraphRunner(ort, sessionOptions);
    return ort.env.versions.node ?? ort.env.versions.common;
  },
  async open(file) {
    const graph = await runner.open(file);
    giveBackMemory();
    return graph;
  },
  // A message is nobody else's.
  keep: (tensors) => runner.keep(tensors, { givenAway: true }),
  // It is in the pipe before the next run begins.
  kept: async (names) => plain(await runner.kept(names, { lent: false })),
  step: async (graph, tensors) => plain(await runner.step(graph, tensors)),
  evaluate: async (graph, tensors, parts, outputs) =>
    plain(await runner.evaluate(graph, tensors, parts, outputs ?? undefined)),
};

function plain(tensors) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [name, { type, dims, data }]),
  );
}

const requests = new MessageReader(({ call, args }) => {
  last = last
    .then(() => calls[call](...args))
    .then((result = null) => answer({ result }))
    .catch(({ message, stack }) => answer({ failure: message, stack }));
});

/** Resolves when the pipe has taken all of it: until then it is read where it is kept. */
function answer(message) {
  const pieces = writtenMessage(message);
  return new Promise((resolve) => {
    for (const [i, piece] of pieces.entries())
      answers.write(piece, i === pieces.length - 1 ? resolve : undefined);
  });
}

process.stdin.on('data', (piece) => requests.push(piece));
// Nothing has to be put in order, and an orderly end of native libraries takes its time.
const end = () => process.kill(process.pid, 'SIGKILL');
// Whoever closes it still gets the answers that it owes; where nobody is left to hear them, the life line ends it at once.
process.stdin.on('end', () => last.finally(end));
answers.on('error', end);
