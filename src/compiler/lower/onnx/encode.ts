import type { onnx } from 'onnx-proto';
import { isConstant, print, type Size } from '../../shapes/size.ts';
import { BLOCK_DOMAIN } from './block-functions.ts';
import type { OnnxAttribute, OnnxTensor } from './emitter.ts';
import {
  DEFAULT_OPSET,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
} from './onnx-model.ts';
import { opsets } from './opset.ts';

/** Numbers of the ONNX format: `TensorProto.DataType` and `AttributeProto.AttributeType`. */
const DATA_TYPE = { f32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7, graph: 5 } as const;

/** `TensorProto.DataLocation.EXTERNAL` */
const IN_ANOTHER_FILE = 1;

/** The set of operators that are the blocks of the source. */
const BLOCKS = { domain: BLOCK_DOMAIN, version: 1 };

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
  return encode(model, (initializer) => ({ raw: rawBytes(initializer.data) }));
}

/** An ONNX file whose large weights lie in another file beside it, each in pieces. */
export interface OnnxWithExternalData {
  readonly file: readonly Uint8Array[];
  readonly data: readonly Uint8Array[];
}

/** Weights from this length on, in bytes, go into the other file; engines read smaller ones while they load the graph. */
const EXTERNAL = 1024;
/** Where weights begin: at a page of memory, so that an engine can map the file instead of reading it. */
const PAGE = 4096;

/**
 * The same with the weights in a file of their own, which must lie beside the ONNX file under the name `dataFile`: a
 * single file cannot pass 2 GiB, and one that is large makes viewers slow.
 */
export async function encodeWithExternalData(
  model: OnnxModel,
  dataFile: string,
): Promise<OnnxWithExternalData> {
  const data: Uint8Array[] = [];
  let end = 0;
  const file = await encode(model, (initializer) => {
    const raw = rawBytes(initializer.data);
    if (raw.length < EXTERNAL) return { raw };
    const offset = Math.ceil(end / PAGE) * PAGE;
    data.push(new Uint8Array(offset - end), raw);
    end = offset + raw.length;
    const place = { location: dataFile, offset: String(offset), length: String(raw.length) };
    return { place };
  });
  return { file, data: joinShort(data) };
}

/** Where the numbers of a tensor are: in the file, or in another one. */
type Numbers =
  | { readonly raw: Uint8Array; readonly place?: never }
  | { readonly place: Readonly<Record<string, string>>; readonly raw?: never };

async function encode(
  model: OnnxModel,
  numbersOf: (initializer: OnnxInitializer) => Numbers,
): Promise<readonly Uint8Array[]> {
  const { onnx } = (await import('onnx-proto')).default;
  const initializers = model.graph.initializers.flatMap((initializer) => {
    const { raw, place } = numbersOf(initializer);
    return field(FIELD.initializerOfGraph, [
      onnx.TensorProto.encode(tensorProto(initializer, place)).finish(),
      ...(raw === undefined ? [] : field(FIELD.rawDataOfTensor, [raw])),
    ]);
  });
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

function modelProto({
  graph,
  doc,
  producerVersion,
  metadata,
  functions = [],
  opset = DEFAULT_OPSET,
}: OnnxModel): onnx.IModelProto {
  const standard = { domain: '', version: opset };
  return {
    irVersion: opsets[opset],
    opsetImport: [standard, ...(functions.length === 0 ? [] : [BLOCKS]), ...ownSets(graph)],
    functions: functions.map((made) => functionProto(made, standard)),
    producerName: 'netc',
    producerVersion,
    docString: doc,
    metadataProps: [...metadata].map(([key, value]) => ({ key, value })),
  };
}

/** The sets of operators, beside the standard's, of which the graph has nodes. */
function ownSets(graph: OnnxGraph): readonly onnx.IOperatorSetIdProto[] {
  const domains = new Set(domainsOf(graph));
  domains.delete(BLOCK_DOMAIN);
  return [...domains].toSorted().map((domain) => ({ domain, version: 1 }));
}

function domainsOf({ nodes }: OnnxGraph): readonly string[] {
  return nodes.flatMap(({ domain, attributes }) => {
    const inside = Object.values(attributes).flatMap((attribute) =>
      attribute.type === 'graph' ? domainsOf(attribute.value) : [],
    );
    return [...(domain === undefined ? [] : [domain]), ...inside];
  });
}

/** A function imports the operators that it uses itself. */
function functionProto(
  { name, doc, inputs, outputs, nodes }: OnnxFunction,
  standard: onnx.IOperatorSetIdProto,
): onnx.IFunctionProto {
  return {
    name,
    domain: BLOCK_DOMAIN,
    docString: doc,
    input: [...inputs],
    output: [...outputs],
    node: nodes.map(nodeProto),
    opsetImport: [standard, BLOCKS],
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

function nodeProto({ name, opType, domain, inputs, outputs, attributes }: OnnxNode): onnx.INodeProto {
  return {
    name,
    opType,
    ...(domain === undefined ? {} : { domain }),
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
    case 'graph':
      return { name, type, g: graphProto(attribute.value) };
  }
}

/** A tensor without its data, or with the place where they are. */
function tensorProto(
  { name, dims, data }: OnnxInitializer,
  place: Readonly<Record<string, string>> | undefined,
): onnx.ITensorProto {
  const tensor = { name, dims: [...dims], dataType: DATA_TYPE[data.dtype] };
  if (place === undefined) return tensor;
  const externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
  return { ...tensor, externalData, dataLocation: IN_ANOTHER_FILE };
}

/** Little-endian, as the format wants it and as every machine that runs JavaScript engines today stores it. */
function rawBytes(data: OnnxInitializer['data']): Uint8Array {
  const values =
    data.dtype === 'int64' ? BigInt64Array.from(data.values, (value) => BigInt(value)) : data.values;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function valueInfoProto({ name, dtype, dims }: OnnxTensor): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType: DATA_TYPE[dtype], shape: { dim: dims.map(dimProto) } } } };
}

function dimProto(size: Size): onnx.TensorShapeProto.IDimension {
  const value = isConstant(size);
  return value === undefined ? { dimParam: print(size) } : { dimValue: value };
}
