import { describe, expect, it } from 'vitest';
import { OnnxGraphBuilder } from '../../../../src/compiler/lower/onnx/onnx-graph-builder.ts';
import type { OnnxTensor } from '../../../../src/compiler/lower/onnx/emitter.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';

const sizes = (...dims: readonly number[]) => dims.map((size) => constant(size));
const x: OnnxTensor = { name: 'x', dtype: 'f32', dims: sizes(2, 3, 4) };

/** The nodes of a graph as `OP(inputs)`, its constants left out. */
function nodesOf(write: (builder: OnnxGraphBuilder) => readonly OnnxTensor[]): readonly string[] {
  const builder = new OnnxGraphBuilder([x], ['y', 'z'], new Map());
  const { nodes, values } = builder.finish('test', write(builder));
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const { name } of values) expect(made).toContain(name);
  return nodes.map(
    ({ opType, inputs }) => `${opType}(${inputs.filter((name) => !name.includes('ints')).join()})`,
  );
}

const neg = (builder: OnnxGraphBuilder, tensor: OnnxTensor) => builder.node('Neg', [tensor], { dims: tensor.dims }); // prettier-ignore

describe('a reshape of a reshape', () => {
  it('is one of what the first one reshapes, which is left out if nobody else reads it', () => {
    const nodes = nodesOf((b) => [neg(b, b.reshape(b.reshape(x, sizes(6, 4)), sizes(24)))]);
    expect(nodes).toEqual(['Reshape(x)', 'Neg(Reshape_2)']);
  });

  it('is nothing at all where it brings the first dims back', () => {
    expect(nodesOf((b) => [neg(b, b.reshape(b.reshape(x, sizes(6, 4)), x.dims))])).toEqual(['Neg(x)']);
  });

  it('leaves the first one where it has another reader, or is a result', () => {
    const nodes = nodesOf((b) => {
      const flat = b.reshape(x, sizes(6, 4));
      return [neg(b, b.reshape(flat, sizes(24))), flat];
    });
    expect(nodes).toEqual(['Reshape(x)', 'Reshape(x)', 'Neg(Reshape_2)']);
  });

  it('reads what another instance has made as it is', () => {
    const nodes = nodesOf((b) => {
      b.at('first', 'first');
      const flat = b.reshape(x, sizes(6, 4));
      b.at('second', 'second');
      return [neg(b, b.reshape(flat, sizes(24)))];
    });
    expect(nodes).toEqual(['Reshape(x)', 'Reshape(first/Reshape)', 'Neg(second/Reshape)']);
  });
});
