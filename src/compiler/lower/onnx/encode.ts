import type { onnx } from 'onnx-proto';
import { isConstant, print, type Size } from '../../shapes/size.ts';
import type { OnnxAttribute, OnnxTensor } from './emitter.ts';
import {
  IR_VERSION,
  OPSET_VERSION,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
} from './onnx-model.ts';

/** Numbers of the ONNX format: `TensorProto.DataType` and `AttributeProto.AttributeType`. */
const DATA_TYPE = { f32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** Numbers of the fields that are written here and not by the library. */
const FIELD = { graphOfModel: 7, initializerOfGraph: 5, rawDataOfTensor: 9 } as const;

/** Pieces from this length on, in bytes, are handed on as they are. */
const LONG = 2 ** 16;

/** The bytes of an ONNX file: equal models give equal bytes. */
export async function encodeOnnx(model: OnnxModel): Promise<Uint8Array> {
  return concatenated(await encodeOnnxPieces(model));
}

/**
 * The bytes of an ONNX file in pieces, for writing one after the other: the long ones are the weights of the model
 * themselves, of which no copy is made. In the format a message is the sequence of its fields, in any order, and a
 * field that holds a message is its number, its length and the message; so the weights come last, after everything
 * else, which the library writes. The library takes tens of milliseconds to load, so that it is loaded only here and
 * only when a file is written.
 */
export async function encodeOnnxPieces(model: OnnxModel): Promise<readonly Uint8Array[]> {
  const { onnx } = (await import('onnx-proto')).default;
  const initializers = model.graph.initializers.flatMap((initializer) =>
    field(FIELD.initializerOfGraph, [
      onnx.TensorProto.encode(tensorProto(initializer)).finish(),
      ...field(FIELD.rawDataOfTensor, [rawBytes(initializer.data)]),
    ]),
  );
  const graph = onnx.GraphProto.encode(graphProto(model.graph)).finish();
  return joinShort([
    onnx.ModelProto.encode(modelProto(model)).finish(),
    ...field(FIELD.graphOfModel, [graph, ...initializers]),
  ]);
}

/** A field that holds bytes or a message. */
function field(number: number, content: readonly Uint8Array[]): readonly Uint8Array[] {
  const holdsBytes = 2;
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [Uint8Array.of(...varint(number * 8 + holdsBytes), ...varint(length)), ...content];
}

/** A natural number in the format's variable length: seven bits a byte, the lowest first. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** Joins neighbours that are short, so that a file is written in few calls. */
function joinShort(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const joined: Uint8Array[] = [];
  let short: Uint8Array[] = [];
  for (const piece of pieces) {
    if (piece.length < LONG) {
      short.push(piece);
      continue;
    }
    joined.push(concatenated(short), piece);
    short = [];
  }
  return [...joined, concatenated(short)].filter(({ length }) => length > 0);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function modelProto({ doc, producerVersion, metadata }: OnnxModel): onnx.IModelProto {
  return {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    producerName: 'netc',
    producerVersion,
    docString: doc,
    metadataProps: [...metadata].map(([key, value]) => ({ key, value })),
  };
}

function graphProto({ name, nodes, inputs, outputs, values }: OnnxGraph): onnx.IGraphProto {
  return {
    name,
    node: nodes.map(nodeProto),
    input: inputs.map(valueInfoProto),
    output: outputs.map(valueInfoProto),
    valueInfo: values.map(valueInfoProto),
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

/** A tensor without its data. */
function tensorProto({ name, dims, data }: OnnxInitializer): onnx.ITensorProto {
  return { name, dims: [...dims], dataType: DATA_TYPE[data.dtype] };
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
