/**
 * The thread of a process that computes which notices that the process which started it is gone: a pipe between the two is
 * closed then. ONNX Runtime computes on the first thread, which hears of nothing until a step is done; and nobody waits for it.
 */
import { Socket } from 'node:net';

/** Of the pipe; see process-runner.ts. */
const lifeLine = 4;

new Socket({ fd: lifeLine }).on('close', () => process.kill(process.pid, 'SIGKILL')).resume();
