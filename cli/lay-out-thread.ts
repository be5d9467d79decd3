import { Worker } from 'node:worker_threads';
import { layOut, type LayOut } from '../src/compiler/lower/tfjs/lay-out.ts';

interface Waiting {
  readonly resolve: (laidOut: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a second thread that lays out programs. Loading prettier and running it takes a tenth of a second of processor
 * time each, in which this thread compiles and makes the weights of the ONNX file. The process ends without waiting for
 * the thread, unless it owes an answer.
 *
 * Run from its sources, netc has no bundled module to start a thread with, and takes this one.
 */
export function startLayOutThread(): LayOut {
  if (import.meta.url.endsWith('.ts')) return layOut;
  const worker = new Worker(new URL('./lay-out-worker.mjs', import.meta.url));
  worker.unref();
  // Answers come in the order of the texts.
  const waiting: Waiting[] = [];
  const next = (): Waiting | undefined => {
    const first = waiting.shift();
    if (waiting.length === 0) worker.unref();
    return first;
  };
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on('message', (answer: { readonly laidOut: string } | { readonly failed: string }) => {
    if ('laidOut' in answer) next()?.resolve(answer.laidOut);
    else next()?.reject(new Error(answer.failed));
  });
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('the thread that lays out programs has ended')));
  return (text) =>
    new Promise((resolve, reject) => {
      worker.ref();
      waiting.push({ resolve, reject });
      worker.postMessage(text);
    });
}
