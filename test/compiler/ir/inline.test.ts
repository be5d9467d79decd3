import { expect, it } from 'vitest';
import { axisNames } from '../../../src/compiler/ir/tensor-type.ts';
import { print } from '../../../src/compiler/shapes/size.ts';
import { emitOnnx } from '../../../src/compiler/targets/onnx.ts';
import { graphOf, moduleOf } from '../../support/model-graph.ts';

// The TensorFlow.js program takes it from the module; that both agree is seen in test/models/blocks.test.ts.
it('gives an output the order of axes that the type of its block has, whatever the order inside', () => {
  const text = `language 1
block Turned()(x: [N, C, H]) -> [H, N, C] {
  return relu(x)
}
model M() {
  input x: [N, C: 3, H: 4]
  output y = Turned()(x)
}
`;
  const module = moduleOf('turned.net', { text });
  const [output] = graphOf(module, { mode: 'infer' }).outputs;
  expect(output && axisNames(output.value.type)).toEqual(['H', 'N', 'C']);

  const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
  const { model } = emitOnnx(module, { provenance, weights: new Map() });
  expect(model?.graph.outputs.map(({ dims }) => dims.map((size) => print(size)))).toEqual([['4', 'N', '3']]);
});
