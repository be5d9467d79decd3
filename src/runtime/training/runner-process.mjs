/**
 * What runs in the process that `startRunnerProcess` starts: a runner that does what messages on the standard input say, one
 * after the other, and answers each on the standard output.
 */
import { MessageReader, writtenMessage } from './messages.mjs';

// Whoever ends the training by a signal to the group means the process that waits for us; we are told.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

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
  open: (file) => runner.open(file),
  keep: (tensors) => runner.keep(tensors),
  kept: async () => plain(await runner.kept()),
  step: async (graph, tensors) => plain(await runner.step(graph, tensors)),
  evaluate: async (graph, tensors, parts, outputs) =>
    plain(await runner.evaluate(graph, tensors, parts, outputs ?? undefined)),
  close: () => runner.close(),
};

function plain(tensors) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [name, { type, dims, data }]),
  );
}

const requests = new MessageReader(({ call, args }) => {
  last = last
    .then(() => calls[call](...args))
    .then(
      (result = null) => answer({ result }),
      (error) => answer({ failure: error instanceof Error ? error.message : String(error) }),
    );
});

function answer(message) {
  for (const piece of writtenMessage(message)) process.stdout.write(piece);
}

process.stdin.on('data', (piece) => requests.push(piece));
// Nobody waits any more. A step that is under way would keep an orderly end waiting, and has nothing to leave behind.
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdout.on('error', () => process.kill(process.pid, 'SIGKILL'));
