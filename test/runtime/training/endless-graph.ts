import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import { freshVar, variable } from '../../../src/compiler/shapes/size.ts';

const length = 50_000;

/** A graph that squares the matrix `x` so often that nobody waits for it: hours for one of 1024 rows. */
export function endlessGraph(): Promise<Uint8Array> {
  const side = variable(freshVar('n'));
  const tensor = (name: string) => ({ name, dtype: 'f32', dims: [side, side] }) as const;
  const names = Array.from({ length: length + 1 }, (_, i) => (i === 0 ? 'x' : `x${i}`));
  const nodes = names.slice(1).map((name, i) => {
    const before = names[i] ?? 'x';
    return { name, owner: '', opType: 'MatMul', inputs: [before, before], outputs: [name], attributes: {} };
  });
  return encodeOnnx({
    graph: {
      name: 'endless',
      inputs: [tensor('x')],
      outputs: [tensor(`x${length}`)],
      nodes,
      initializers: [],
      values: [],
    },
    doc: '',
    producerVersion: '0',
    metadata: new Map(),
  });
}
