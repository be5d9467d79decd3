import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import type { DType } from '../../../src/compiler/ir/tensor-type.ts';

const { onnx } = onnxProto;

/** Numbers of the ONNX format: `TensorProto.DataType`. */
const DATA_TYPE = { float: 1, int32: 6, int64: 7, bool: 9, double: 11 } as const;

/** Where Debian's `libonnx-testdata` puts the node tests of ONNX' own backend suite. */
const folder = '/usr/share/libonnx-testdata/data/node';

/** Why the tests cannot be read here; undefined when they can. */
export const backendDataMissing = existsSync(folder) ? undefined : 'libonnx-testdata is not installed';

/** A tensor of the suite, row-major. */
export interface StatedTensor {
  readonly dims: readonly number[];
  /** Undefined for an element type that netc does not have. */
  readonly dtype: DType | undefined;
  readonly data: Float64Array;
}

export interface BackendCase {
  readonly name: string;
  readonly opType: string;
  readonly attributes: ReadonlyMap<string, number | string | readonly number[]>;
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (StatedTensor | undefined)[];
  readonly outputs: readonly StatedTensor[];
}

/** The tests of one node each whose operator is among `wanted`. */
export function backendCases(wanted: ReadonlySet<string>): readonly BackendCase[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const nodes = onnx.ModelProto.decode(readFileSync(join(folder, name, 'model.onnx'))).graph?.node ?? [];
      const [node] = nodes;
      if (node === undefined || nodes.length > 1 || !wanted.has(node.opType ?? '')) return [];
      const stated = (kind: string, names: readonly string[]): readonly (StatedTensor | undefined)[] => {
        let index = 0;
        return names.map((given) =>
          given === '' ? undefined : tensorOf(join(folder, name, 'test_data_set_0', `${kind}_${index++}.pb`)),
        );
      };
      return {
        name,
        opType: node.opType ?? '',
        attributes: attributesOf(node),
        inputs: stated('input', node.input ?? []),
        outputs: stated('output', node.output ?? []).filter((output) => output !== undefined),
      };
    });
}

function attributesOf(node: Onnx.INodeProto): BackendCase['attributes'] {
  const { AttributeType } = onnx.AttributeProto;
  return new Map(
    (node.attribute ?? []).flatMap((attribute): [string, number | string | readonly number[]][] => {
      const name = attribute.name ?? '';
      switch (attribute.type) {
        case AttributeType.FLOAT:
          return [[name, attribute.f ?? 0]];
        case AttributeType.INT:
          return [[name, Number(attribute.i ?? 0)]];
        case AttributeType.STRING:
          return [[name, Buffer.from(attribute.s ?? []).toString()]];
        case AttributeType.INTS:
          return [[name, (attribute.ints ?? []).map(Number)]];
        default:
          return [];
      }
    }),
  );
}

function tensorOf(path: string): StatedTensor {
  const tensor = onnx.TensorProto.decode(readFileSync(path));
  const dims = tensor.dims.map(Number);
  const raw = tensor.rawData;
  const bytes = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read = (width: number, at: (offset: number) => number): Float64Array =>
    Float64Array.from({ length: raw.byteLength / width }, (_, i) => at(i * width));
  switch (tensor.dataType) {
    case DATA_TYPE.float:
      return { dims, dtype: 'f32', data: read(4, (at) => bytes.getFloat32(at, true)) };
    case DATA_TYPE.double:
      return { dims, dtype: 'f32', data: read(8, (at) => bytes.getFloat64(at, true)) };
    case DATA_TYPE.int32:
      return { dims, dtype: 'int32', data: read(4, (at) => bytes.getInt32(at, true)) };
    case DATA_TYPE.int64:
      return { dims, dtype: 'int32', data: read(8, (at) => Number(bytes.getBigInt64(at, true))) };
    case DATA_TYPE.bool:
      return { dims, dtype: 'bool', data: read(1, (at) => bytes.getUint8(at)) };
    default:
      return { dims, dtype: undefined, data: new Float64Array() };
  }
}
