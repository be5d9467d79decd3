import { compile, type CompileOptions } from '../../src/compiler/compile.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import { flatten, type FlattenOptions } from '../../src/compiler/ir/inline.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { NdArray } from '../../src/compiler/ops/nd-array.ts';
import { complaints, repositoryReader } from './repository.ts';

/** The IR module of a source of the repository, or of a text in its place; throws with what the compiler says. */
export function moduleOf(
  path: string,
  options: Pick<CompileOptions, 'set'> & { readonly text?: string } = {},
): Module {
  const { text, ...rest } = options;
  const compilation = compile(path, {
    reader: repositoryReader(text === undefined ? {} : { [path]: text }),
    ...rest,
  });
  if (compilation.module === undefined) throw new Error(complaints(compilation).join('\n'));
  return compilation.module;
}

export function graphOf(module: Module, options: FlattenOptions): Graph {
  const { graph, diagnostics } = flatten(module, options);
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return graph;
}

/** An array of f32 with axes in the order of the entries: `array({ N: 2, K: 3 }, data)`. */
export function array(sizes: Readonly<Record<string, number>>, data: Float64Array): NdArray {
  const axes = Object.entries(sizes).map(([name, size]) => ({ name, size }));
  return { type: { dtype: 'f32', axes }, data };
}
