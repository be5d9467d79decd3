import { describe, expect, it } from 'vitest';
import { OnnxGraphBuilder } from '../../../../src/compiler/lower/onnx/onnx-graph-builder.ts';
import type { OnnxTensor } from '../../../../src/compiler/lower/onnx/emitter.ts';
import type { OnnxGraph } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant, freshVar, variable } from '../../../../src/compiler/shapes/size.ts';

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

describe('a choice', () => {
  const condition: OnnxTensor = { name: 'condition', dtype: 'bool', dims: [] };
  const branchesOf = (graph: OnnxGraph): readonly OnnxGraph[] =>
    graph.nodes.flatMap(({ attributes }) =>
      Object.values(attributes).flatMap((attribute) => (attribute.type === 'graph' ? attribute.value : [])),
    );

  it('has its nodes in two graphs, which read the one around them', () => {
    const builder = new OnnxGraphBuilder([x, condition], ['y'], new Map());
    const outside = neg(builder, x);
    const chosen = builder.choose(
      condition,
      () => neg(builder, builder.reshape(builder.reshape(outside, sizes(6, 4)), sizes(2, 3, 4))),
      () => neg(builder, neg(builder, outside)),
    );
    const graph = builder.finish('test', [chosen]);
    expect(graph.nodes.map(({ opType, outputs }) => [opType, ...outputs])).toEqual([
      ['Neg', 'Neg'],
      ['If', 'y'],
    ]);
    const branches = branchesOf(graph);
    expect(branches.map(({ nodes }) => nodes.map(({ inputs }) => inputs[0]))).toEqual([
      ['Neg'],
      ['Neg', 'Neg_3'],
    ]);
    for (const { nodes, outputs, values } of branches) {
      expect(outputs.map(({ name }) => name)).toEqual(nodes.at(-1)?.outputs);
      expect(values.map(({ name }) => name)).not.toContain(outputs[0]?.name);
    }
  });

  it('hands over what it has not made itself as a copy', () => {
    const builder = new OnnxGraphBuilder([x, condition], ['y'], new Map());
    const made = neg(builder, x);
    const graph = builder.finish('test', [
      builder.choose(
        condition,
        () => x,
        () => made,
      ),
      made,
    ]);
    expect(
      branchesOf(graph).map(({ nodes }) => nodes.map(({ opType, inputs }) => [opType, ...inputs])),
    ).toEqual([[['Identity', 'x']], [['Identity', graph.outputs[1]?.name]]]);
  });

  it('leaves the sizes that it asks for to whoever asks next', () => {
    const batch = freshVar('N');
    const images: OnnxTensor = { name: 'x', dtype: 'f32', dims: [variable(batch), constant(4)] };
    const source = { input: 0, axis: 0, factor: 1, offset: 0 };
    const builder = new OnnxGraphBuilder([images, condition], ['y', 'z'], new Map([[batch, source]]));
    const spread = () =>
      builder.node('Expand', [images, builder.shape([constant(2), variable(batch), constant(4)])], {
        dims: [constant(2), variable(batch), constant(4)],
      });
    const graph = builder.finish('test', [builder.choose(condition, spread, spread), spread()]);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Shape', 'Concat', 'If', 'Expand']);
    expect(branchesOf(graph).map(({ nodes }) => nodes.map(({ opType }) => opType))).toEqual([
      ['Expand'],
      ['Expand'],
    ]);
  });
});

describe('a constant vector', () => {
  const builder = new OnnxGraphBuilder([x], ['y'], new Map());
  const numbers = Array.from({ length: 1000 }, (_, i) => i);

  it('is called by its numbers where they are few', () => {
    expect(builder.ints([2, 0, 1]).name).toBe('ints/2,0,1');
  });

  it('is called by how many they are where they are many', () => {
    expect(builder.indices(numbers).name).toBe('indices/1000_numbers');
    expect(builder.indices(numbers.toReversed()).name).toBe('indices/1000_numbers_2');
  });

  it('is one for equal numbers of one type', () => {
    expect(builder.indices([...numbers])).toMatchObject({ name: 'indices/1000_numbers', dtype: 'int32' });
    expect(builder.ints(numbers)).toMatchObject({ name: 'ints/1000_numbers', dtype: 'int64' });
  });
});
