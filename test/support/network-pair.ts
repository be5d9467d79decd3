import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { Module } from '../../src/compiler/ir/module.ts';
import { sizeNumbers } from '../../src/compiler/ir/size-numbers.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';
import { graphOf } from './model-graph.ts';

/** A network of ours that has a counterpart in `test/oracle/networks.py`. */
export interface NetworkPair {
  readonly source: string;
  /** What the oracle calls it. */
  readonly network: string;
  /** The oracle's name of a parameter. */
  readonly key: (path: string) => string;
}

/** Images like whitened ones, and labels; under the names of the inputs of a step. */
export function samplesOf(module: Module, batch: number, seed: number): ReadonlyMap<string, SafeTensor> {
  const { inputs } = graphOf(module, { mode: 'train', entry: 'training' });
  return new Map(
    inputs.map(({ name, value, pixels }): [string, SafeTensor] => {
      const [, ...axes] = value.type.axes;
      const shape = [batch, ...sizeNumbers(axes)];
      const drawn = uniforms(
        shape.reduce((product, n) => product * n, 1),
        seed,
        name,
      );
      const data = drawn.map((u) => (pixels === undefined ? Number(u < 0.5) : 4 * u - 2));
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}
