import type { Graph } from '../compiler/ir/graph.ts';
import type { Module } from '../compiler/ir/module.ts';
import type { DType } from '../compiler/ir/tensor-type.ts';
import type { Tensors } from './tensors.ts';
import { testInputs } from './test-inputs.ts';

/** Inputs of the loss: those of the model, targets of 0 and 1 or what they count, and weights none of which is 0. */
export function trainingInputs(graph: Graph, module: Module, batch: number): Tensors {
  const kinds = new Map(module.training?.inputs.map(({ name, kind }) => [name, kind]));
  const change = (name: string, value: number, dtype: DType): number => {
    switch (kinds.get(name)) {
      case 'target':
        return dtype === 'int32' ? value : value > 0 ? 1 : 0;
      case 'weight':
        return Math.fround(0.25 + Math.abs(value) / 8);
      case 'input':
      case 'output':
      case undefined:
        return value;
    }
  };
  return new Map(
    [...testInputs(graph, batch)].map(([name, array]) => [
      name,
      { ...array, data: array.data.map((value) => change(name, value, array.type.dtype)) },
    ]),
  );
}
