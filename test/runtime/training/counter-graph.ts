import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import { nextName } from '../../../src/compiler/lower/onnx/lower-onnx.ts';
import type { OnnxGraph } from '../../../src/compiler/lower/onnx/onnx-model.ts';
import { writeLast } from '../../../src/compiler/lower/onnx/write-last.ts';
import { constant, freshVar, variable } from '../../../src/compiler/shapes/size.ts';

/**
 * The smallest graph that keeps something: `old` is the total so far, and `next.value/total` that and `step`; where there are several
 * totals, `old` is the first. Vectors are of this length, or of any. With `writesLast` a total is `next.over/total`.
 */
export function counterGraph(
  length?: number,
  {
    paths = ['total'],
    writesLast = false,
  }: { readonly paths?: readonly string[]; readonly writesLast?: boolean } = {},
): Promise<Uint8Array> {
  const dims = [length === undefined ? variable(freshVar('n')) : constant(length)];
  const tensor = (name: string) => ({ name, dtype: 'f32', dims }) as const;
  const node = (opType: string, inputs: readonly string[], output: string) =>
    ({ name: output, owner: '', opType, inputs, outputs: [output], attributes: {} }) as const;
  const graph: OnnxGraph = {
    name: 'counter',
    inputs: [...paths, 'step'].map(tensor),
    outputs: ['old', ...paths.map(nextName)].map(tensor),
    nodes: [
      node('Identity', paths.slice(0, 1), 'old'),
      ...paths.map((path) => node('Add', [path, 'step'], nextName(path))),
    ],
    initializers: [],
    values: [],
  };
  return encodeOnnx({
    graph: writesLast ? writeLast(graph) : graph,
    doc: '',
    producerVersion: '0',
    metadata: new Map(),
  });
}
