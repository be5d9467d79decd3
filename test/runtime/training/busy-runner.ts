import { ProcessRunner } from '../../../src/runtime/training/process-runner.ts';
import { endlessGraph } from './endless-graph.ts';

// A process that has another one compute a step which takes hours: what outlives it is looked at from outside.
const { runner } = await ProcessRunner.start({ intraOpNumThreads: 1 });
const graph = await runner.open(await endlessGraph());
const side = 1024;
const step = runner.step(graph, {
  x: { type: 'float32', dims: [side, side], data: new Float32Array(side * side) },
});
process.stdout.write('a step is under way\n');
await step;
