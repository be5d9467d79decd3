import type { onnx } from 'onnx-proto';
import { isConstant, print, type Size } from '../../shapes/size.ts';
import type { OnnxAttribute, OnnxTensor } from './emitter.ts';
import {
  IR_VERSION,
  OPSET_VERSION,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
} from './onnx-model.ts';

/** Numbers of the ONNX format: `TensorProto.DataType` and `AttributeProto.AttributeType`. */
const DATA_TYPE = { f32: 1, int32: 6, int64: 7, bool: 9 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/**
 * The bytes of an ONNX file: equal models give equal bytes. The library that knows the format takes tens of
 * milliseconds to load, so that it is loaded only here and only when a file is written.
 */
export async function encodeOnnx(model: OnnxModel): Promise<Uint8Array> {
  const { onnx } = (await import('onnx-proto')).default;
  return onnx.ModelProto.encode(modelProto(model)).finish();
}

function modelProto({ graph, doc, producerVersion, metadata }: OnnxModel): onnx.IModelProto {
  return {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    producerName: 'netc',
    producerVersion,
    docString: doc,
    metadataProps: [...metadata].map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      initializer: graph.initializers.map(initializerProto),
      input: graph.inputs.map(valueInfoProto),
      output: graph.outputs.map(valueInfoProto),
      valueInfo: graph.values.map(valueInfoProto),
    },
  };
}

function nodeProto({ name, opType, inputs, outputs, attributes }: OnnxNode): onnx.INodeProto {
  return {
    name,
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
  };
}

function attributeProto(name: string, attribute: OnnxAttribute): onnx.IAttributeProto {
  const type = ATTRIBUTE_TYPE[attribute.type];
  switch (attribute.type) {
    case 'int':
      return { name, type, i: attribute.value };
    case 'float':
      return { name, type, f: attribute.value };
    case 'string':
      return { name, type, s: new TextEncoder().encode(attribute.value) };
    case 'ints':
      return { name, type, ints: [...attribute.value] };
    case 'floats':
      return { name, type, floats: [...attribute.value] };
  }
}

function initializerProto({ name, dims, data }: OnnxInitializer): onnx.ITensorProto {
  return { name, dims: [...dims], dataType: DATA_TYPE[data.dtype], rawData: rawBytes(data) };
}

/** Little-endian, as the format wants it and as every machine that runs JavaScript engines today stores it. */
function rawBytes(data: OnnxInitializer['data']): Uint8Array {
  const values =
    data.dtype === 'f32' ? data.values : BigInt64Array.from(data.values, (value) => BigInt(value));
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function valueInfoProto({ name, dtype, dims }: OnnxTensor): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType: DATA_TYPE[dtype], shape: { dim: dims.map(dimProto) } } } };
}

function dimProto(size: Size): onnx.TensorShapeProto.IDimension {
  const value = isConstant(size);
  return value === undefined ? { dimParam: print(size) } : { dimValue: value };
}
