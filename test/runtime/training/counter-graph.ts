import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import { constant, freshVar, variable } from '../../../src/compiler/shapes/size.ts';

/**
 * The smallest graph that keeps something: `old` is the total so far, and `next/total` that and `step`. Vectors are of this
 * length, or of any.
 */
export function counterGraph(length?: number): Promise<Uint8Array> {
  const dims = [length === undefined ? variable(freshVar('n')) : constant(length)];
  const tensor = (name: string) => ({ name, dtype: 'f32', dims }) as const;
  return encodeOnnx({
    graph: {
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
    },
    doc: '',
    producerVersion: '0',
    metadata: new Map(),
  });
}
