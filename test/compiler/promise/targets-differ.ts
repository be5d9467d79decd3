import type { Graph } from '../../../src/compiler/ir/graph.ts';
import type { Module } from '../../../src/compiler/ir/module.ts';
import { EngineError } from '../../../src/verify/onnx-engine.ts';
import { testInputs } from '../../../src/verify/test-inputs.ts';
import { randomWeights } from '../../support/random-values.ts';
import { outputsDiffer } from './compare-outputs.ts';
import { roundingDeviations } from './rounding.ts';
import { interpreter, startTarget, type Runner, type Target } from './run-targets.ts';

/** What a model is run with: samples, and the other sizes that only a run knows. */
const runs = [
  { batch: 1, others: 1 },
  { batch: 3, others: 4 },
];

export interface Question {
  readonly module: Module;
  /** The module, unfolded. */
  readonly graph: Graph;
  readonly targets: readonly Target[];
  /** Whether values are compared, or shapes alone. */
  readonly comparesValues: boolean;
  /** The shapes of the outputs by name; what the interpreter gives where it is left out. */
  readonly predict?: (sizes: ReadonlyMap<string, number>) => ReadonlyMap<string, readonly number[]>;
}

/** Runs a model in several sizes, in the interpreter and on targets; says what is not as it should be. */
export async function targetsDiffer({
  module,
  graph,
  targets,
  comparesValues,
  predict,
}: Question): Promise<string | undefined> {
  const reference = interpreter(graph);
  const runners: Runner[] = [];
  try {
    for (const target of targets) {
      const runner = await startTarget(target, module, graph);
      if (runner === undefined) return `${target} cannot take the model`;
      runners.push(runner);
    }
    for (const { batch, others } of runs) {
      const inputs = testInputs(graph, batch, others);
      const expected = await reference.run(inputs);
      const deviations = comparesValues
        ? (): ReadonlyMap<string, number> => roundingDeviations(graph, inputs, randomWeights(graph))
        : undefined;
      const sizes = new Map(graph.dynamic.map(({ name }) => [name, name === 'N' ? batch : others]));
      for (const [name, shape] of predict?.(sizes) ?? []) {
        const given = expected.get(name)?.shape.join();
        if (given !== shape.join()) return `output ${name} is [${given}], and should be [${shape.join()}]`;
      }
      for (const runner of runners) {
        const problem = outputsDiffer(await runner.run(inputs), expected, deviations);
        if (problem !== undefined) return `${runner.name} ${problem}, for batches of ${batch}`;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.message;
    throw error;
  } finally {
    for (const runner of runners) await runner.close();
  }
}
