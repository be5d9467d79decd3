import { ProcessRunner } from '../../../src/runtime/training/process-runner.ts';

// A process that has another one compute, and then does nothing: what outlives it is looked at from outside.
await ProcessRunner.start({ intraOpNumThreads: 1 });
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
