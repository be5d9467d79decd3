import onnxProto from 'onnx-proto';
import { expect, test } from 'vitest';
import {
  encodeOnnx,
  encodeOnnxPieces,
  encodeWithExternalData,
} from '../../../../src/compiler/lower/onnx/encode.ts';
import type { OnnxModel } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';

const long = Float32Array.from({ length: 50_000 }, (_, i) => i / 7);
const short = Float32Array.of(-0, 1.5, Infinity);

/** y = x + weight, with constants of every kind beside it. */
const model: OnnxModel = {
  doc: 'A test of some länge.',
  producerVersion: '1.2.3',
  metadata: new Map([['b', '2'], ['a', '1']]), // prettier-ignore
  graph: {
    name: 'Net',
    inputs: [{ name: 'x', dtype: 'f32', dims: [constant(50_000)] }],
    outputs: [{ name: 'y', dtype: 'f32', dims: [constant(50_000)] }],
    nodes: [
      { name: 'sum', owner: '', opType: 'Add', inputs: ['x', 'weight'], outputs: ['y'], attributes: {} },
    ],
    initializers: [
      { name: 'short', dims: [3, 1], data: { dtype: 'f32', values: short } },
      { name: 'weight', dims: [50_000], data: { dtype: 'f32', values: long } },
      { name: 'part', dims: [2], data: { dtype: 'f32', values: short.subarray(1) } },
      { name: 'ints', dims: [2], data: { dtype: 'int64', values: [-1, 2 ** 40] } },
      { name: 'none', dims: [0], data: { dtype: 'f32', values: new Float32Array() } },
    ],
    values: [{ name: 'between', dtype: 'bool', dims: [] }],
  },
};

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

test('another reader of the format finds everything in it', async () => {
  const read = onnxProto.onnx.ModelProto.decode(await encodeOnnx(model));
  expect(read).toMatchObject({ producerName: 'netc', producerVersion: '1.2.3', docString: model.doc });
  expect(read.metadataProps.map(({ key, value }) => [key, value])).toEqual([...model.metadata]);
  expect(read.graph).toMatchObject({
    name: 'Net',
    node: [{ name: 'sum', opType: 'Add', input: ['x', 'weight'], output: ['y'] }],
    input: [{ name: 'x' }],
    output: [{ name: 'y' }],
    valueInfo: [{ name: 'between' }],
  });
  const tensors = read.graph?.initializer ?? [];
  expect(tensors.map(({ name, dims, dataType }) => [name, dims?.map(Number), dataType])).toEqual([
    ['short', [3, 1], 1],
    ['weight', [50_000], 1],
    ['part', [2], 1],
    ['ints', [2], 7],
    ['none', [0], 1],
  ]);
  const data = [short, long, short.subarray(1), BigInt64Array.of(-1n, 2n ** 40n), new Float32Array()];
  for (const [i, values] of data.entries()) {
    expect(bytesOf(tensors[i]?.rawData ?? new Uint8Array()), tensors[i]?.name ?? '').toEqual(bytesOf(values));
  }
});

test('the pieces are the file, and long weights are not copied into them', async () => {
  const pieces = await encodeOnnxPieces(model);
  expect(Buffer.concat(pieces).equals(await encodeOnnx(model))).toBe(true);
  expect(pieces).toHaveLength(3);
  expect(pieces[1]?.buffer).toBe(long.buffer);
});

test('weights in a file of their own lie where the first one says, at pages of memory', async () => {
  const { file, data } = await encodeWithExternalData(model, 'net.onnx.data');
  const read = onnxProto.onnx.ModelProto.decode(Buffer.concat(file));
  const weights = Buffer.concat(data);
  const outside = (read.graph?.initializer ?? []).filter(
    ({ externalData }) => (externalData?.length ?? 0) > 0,
  );
  expect(outside.map(({ name }) => name)).toEqual(['weight']);
  const places = Object.fromEntries((outside[0]?.externalData ?? []).map(({ key, value }) => [key, value]));
  expect(places).toEqual({ location: 'net.onnx.data', offset: '0', length: '200000' });
  expect(weights.equals(Buffer.from(long.buffer))).toBe(true);
  expect(Buffer.concat(file).length).toBeLessThan(1000);

  const twice = { ...model.graph, initializers: [...model.graph.initializers, { name: 'second', dims: [50_000], data: { dtype: 'f32' as const, values: long } }] }; // prettier-ignore
  const second = await encodeWithExternalData({ ...model, graph: twice }, 'd');
  const last = onnxProto.onnx.ModelProto.decode(Buffer.concat(second.file)).graph?.initializer?.at(-1);
  const offset = Number(last?.externalData?.find(({ key }) => key === 'offset')?.value);
  expect(offset % 4096).toBe(0);
  expect(Buffer.concat(second.data).subarray(offset).equals(Buffer.from(long.buffer))).toBe(true);
});

test('a graph in an attribute is written with its nodes, and the sets of operators that they are of', async () => {
  const branch = {
    ...model.graph,
    name: 'then',
    inputs: [],
    initializers: [],
    nodes: model.graph.nodes.map((node) => ({ ...node, domain: 'com.microsoft', opType: 'BiasGelu' })),
  };
  const choice = {
    name: 'choice',
    owner: '',
    opType: 'If',
    inputs: ['c'],
    outputs: ['z'],
    attributes: { then_branch: { type: 'graph', value: branch } },
  } as const;
  const whole = { ...model, graph: { ...model.graph, nodes: [choice] } };
  const read = onnxProto.onnx.ModelProto.decode(await encodeOnnx(whole));
  expect(read.opsetImport.map(({ domain }) => domain)).toEqual(['', 'com.microsoft']);
  expect(read.graph?.node?.[0]?.attribute).toMatchObject([
    {
      name: 'then_branch',
      type: 5,
      g: { name: 'then', node: [{ name: 'sum', opType: 'BiasGelu', input: ['x', 'weight'] }] },
    },
  ]);
});
