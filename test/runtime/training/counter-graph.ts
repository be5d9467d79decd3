import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import type { OnnxGraph } from '../../../src/compiler/lower/onnx/onnx-model.ts';
import { writeLast } from '../../../src/compiler/lower/onnx/write-last.ts';
import { constant, freshVar, variable } from '../../../src/compiler/shapes/size.ts';

/**
 * The smallest graph that keeps something: `old` is the total so far, and `next/total` that and `step`. Vectors are of this
 * length, or of any. With `writesLast` the total is `over/total`.
 */
export function counterGraph(length?: number, { writesLast = false } = {}): Promise<Uint8Array> {
  const dims = [length === undefined ? variable(freshVar('n')) : constant(length)];
  const tensor = (name: string) => ({ name, dtype: 'f32', dims }) as const;
  const graph: OnnxGraph = {
    name: 'counter',
    inputs: [tensor('total'), tensor('step')],
    outputs: [tensor('old'), tensor('next/total')],
    nodes: [
      { name: 'old', owner: '', opType: 'Identity', inputs: ['total'], outputs: ['old'], attributes: {} },
      {
        name: 'new',
        owner: '',
        opType: 'Add',
        inputs: ['total', 'step'],
        outputs: ['next/total'],
        attributes: {},
      },
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
