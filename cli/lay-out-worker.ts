import { parentPort } from 'node:worker_threads';
import { layOut } from '../src/compiler/lower/tfjs/lay-out.ts';

// What the thread of `startLayOutThread` runs: a text comes, the same text laid out goes back, or why that failed; one
// after the other. What the first needs is loaded before it comes.
let last: Promise<unknown> = layOut('');

parentPort?.on('message', (text: string) => {
  last = last
    .then(() => layOut(text))
    .then((laidOut) => ({ laidOut }))
    .catch((error: unknown) => ({ failed: String(error) }))
    .then((answer) => parentPort?.postMessage(answer));
});
