import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { writeFileAtomic } from './atomic-file.ts';
import { UserError } from './errors.ts';
import { repeatedKey } from './json-keys.ts';
import { fromSystem } from './system-errors.ts';

/**
 * The element types that are read and written, each with the array that holds it. The two 16-bit floats come as their
 * bits, and booleans as bytes 0 and 1, for want of such arrays.
 */
const arrayTypes = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type ElementType = keyof typeof arrayTypes;

/** A tensor as its file has it: row-major, `data` as long as the product of `shape`. */
export type SafeTensor = {
  [T in ElementType]: {
    readonly dtype: T;
    readonly shape: readonly number[];
    readonly data: InstanceType<(typeof arrayTypes)[T]>;
  };
}[ElementType];

export interface Safetensors {
  readonly tensors: Map<string, SafeTensor>;
  /** The strings that the file carries beside its tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The limit that the format's own library sets. */
const maxHeaderBytes = 100_000_000;
const metadataKey = '__metadata__';

interface Entry {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file whole (https://github.com/huggingface/safetensors, "Format"): 8 bytes with the length of the
 * header, the header in JSON, the tensors. All of the header is checked before a tensor is read: UserError R3001 when
 * the file is none, R3002 when its header contradicts itself or the file's size, R3003 for an unknown element type.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  try {
    const file = await open(path, 'r');
    try {
      const { entries, metadata, dataStart } = await readHeader(file, path);
      const tensors = new Map<string, SafeTensor>();
      for (const { name, dtype, shape, begin, end } of entries) {
        const bytes = await readExactly(file, dataStart + begin, end - begin, path);
        // An array type and its element type come from one row of the table, which the compiler cannot follow.
        tensors.set(name, { dtype, shape, data: new arrayTypes[dtype](bytes.buffer) } as SafeTensor);
      }
      return { tensors, metadata };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
}

async function readHeader(file: FileHandle, path: string) {
  const { size } = await file.stat();
  if (size < 8) throw notSafetensors(path, `It has ${size} bytes; the length of its header alone takes 8.`);
  const prefix = await readExactly(file, 0, 8, path);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw notSafetensors(
      path,
      `Its first 8 bytes announce a header of ${length} bytes; at most ${maxHeaderBytes} are allowed.`,
    );
  }
  const headerBytes = Number(length);
  const dataStart = 8 + headerBytes;
  if (dataStart > size) {
    throw notSafetensors(
      path,
      `Its first 8 bytes announce a header of ${headerBytes} bytes, but the file has ${size}.`,
    );
  }
  const header = parseHeader(await readExactly(file, 8, headerBytes, path), path);
  return { ...checkHeader(header, size - dataStart, path), dataStart };
}

/**
 * The same for a file whose bytes are in memory. `path` says in messages where they come from.
 */
export function decodeSafetensors(file: Uint8Array, path: string): Safetensors {
  if (file.length < 8) throw notSafetensors(path, `It has ${file.length} bytes; the length of its header alone takes 8.`); // prettier-ignore
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const dataStart = 8 + Number(length);
  if (dataStart > file.length) {
    throw notSafetensors(
      path,
      `Its first 8 bytes announce a header of ${length} bytes, but it has ${file.length}.`,
    );
  }
  const header = parseHeader(file.subarray(8, dataStart), path);
  const { entries, metadata } = checkHeader(header, file.length - dataStart, path);
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // Copied, since nothing says that the bytes are aligned.
    const data = new arrayTypes[dtype](
      Uint8Array.from(file.subarray(dataStart + begin, dataStart + end)).buffer,
    );
    // An array type and its element type come from one row of the table, which the compiler cannot follow.
    tensors.set(name, { dtype, shape, data } as SafeTensor);
  }
  return { tensors, metadata };
}

function checkHeader(header: Readonly<Record<string, unknown>>, dataBytes: number, path: string) {
  const entries: Entry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = checkMetadata(value, path);
    else entries.push(checkEntry(name, value, path));
  }
  checkOffsets(entries, dataBytes, path);
  return { entries, metadata };
}

function parseHeader(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw notSafetensors(path, 'Its header is not JSON.', cause);
  }
  if (!isRecord(header)) throw notSafetensors(path, 'Its header is not a JSON object.');
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw inconsistent(path, `The header has the key ${JSON.stringify(repeated)} twice.`);
  return header;
}

function checkMetadata(value: unknown, path: string): Readonly<Record<string, string>> {
  if (!isRecord(value)) throw inconsistent(path, `${metadataKey} is not an object of strings.`);
  const strings = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') throw inconsistent(path, `${metadataKey}.${key} is not a string.`);
    return [key, text];
  });
  return Object.fromEntries(strings);
}

function checkEntry(name: string, value: unknown, path: string): Entry {
  const what = `The tensor ${JSON.stringify(name)}`;
  if (!isRecord(value)) throw inconsistent(path, `${what} is not described by an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw inconsistent(path, `${what} has no "dtype".`);
  if (!isElementType(dtype)) {
    throw new UserError('R3003', `${what} has the element type ${JSON.stringify(dtype)}.`, {
      place: path,
      remedy: `Convert it to one of ${Object.keys(arrayTypes).join(', ')}.`,
    });
  }
  if (!isSizes(shape)) throw inconsistent(path, `${what} has no "shape" of integers from 0 up.`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw inconsistent(path, `${what} has no two "data_offsets".`);
  const [begin = 0, end = 0] = offsets;
  const bytes = elements(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;
  if (end - begin !== bytes) {
    throw inconsistent(
      path,
      `${what}, ${dtype} [${shape.join(', ')}], needs ${bytes} bytes; its data_offsets give ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors must tile the data: without gaps, overlaps, or bytes after the last one. */
function checkOffsets(entries: readonly Entry[], dataBytes: number, path: string): void {
  const inOrder = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin !== covered) {
      const fault = begin < covered ? 'overlaps the one before it' : 'leaves a gap to the one before it';
      throw inconsistent(
        path,
        `The tensor ${JSON.stringify(name)} begins at byte ${begin} and ${fault}, which ends at ${covered}.`,
      );
    }
    covered = end;
  }
  if (covered > dataBytes) {
    throw inconsistent(
      path,
      `The tensors need ${covered} bytes after the header, but the file has ${dataBytes}: it was cut off.`,
    );
  }
  if (covered < dataBytes) {
    throw inconsistent(
      path,
      `The file has ${dataBytes - covered} bytes after the last tensor that belong to none.`,
    );
  }
}

async function readExactly(file: FileHandle, position: number, length: number, path: string) {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    // A single read is limited to 2 GiB by the system.
    const wanted = Math.min(length - done, 2 ** 30);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done);
    if (bytesRead === 0) throw inconsistent(path, 'The file became shorter while it was being read.');
    done += bytesRead;
  }
  return bytes;
}

/**
 * Writes a safetensors file, atomically and with bytes that depend on the arguments alone: tensors by falling element
 * size and then by name, as the format's own library orders them, so that each is aligned to its elements; the header
 * padded to 8 bytes. UserError R1003, R1004 or R1005 when the system refuses.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** The pieces of the file that `writeSafetensors` writes; tensors are not copied. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  const inOrder = [...tensors].sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    header.push([
      metadataKey,
      Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))),
    ]);
  }
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of inOrder) {
    if (name === metadataKey) throw new RangeError(`${metadataKey} cannot be the name of a tensor`);
    if (data.length !== elements(shape)) {
      throw new RangeError(`tensor ${name}: ${data.length} elements for the shape [${shape.join(', ')}]`);
    }
    header.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  return [encodeHeader(header), ...pieces];
}

function encodeHeader(entries: readonly [string, unknown][]): Uint8Array {
  // Written member by member: an object would move names that look like integers to its front.
  const members = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isElementType(name: string): name is ElementType {
  return Object.hasOwn(arrayTypes, name);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function notSafetensors(path: string, message: string, cause?: unknown): UserError {
  const remedy = 'Give a file in the safetensors format, complete and not renamed from another one.';
  return new UserError('R3001', message, { place: path, remedy, cause });
}

function inconsistent(path: string, message: string): UserError {
  return new UserError('R3002', message, {
    place: path,
    remedy: 'Fetch or write the file again; it is damaged.',
  });
}
