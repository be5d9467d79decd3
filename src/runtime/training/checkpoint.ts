import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../atomic-file.ts';
import { UserError } from '../errors.ts';
import { fromSystem } from '../system-errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { otherVersion, type RunConfiguration } from './configuration.ts';
import type { EngineIdentity } from './engine.ts';

/** Raised when what is written would not be understood by earlier versions. */
const formatVersion = 1;

/** Where training stands, beside the tensors. */
export interface Progress {
  /** Steps taken. */
  readonly step: number;
  /** The batch that comes next: its epoch, and its number in it. */
  readonly epoch: number;
  readonly batch: number;
  /** Of the losses of this epoch so far: their sum, each as often as its batch has samples, and how many samples. */
  readonly lossSum: number;
  readonly lossCount: number;
  /** The best epoch so far. */
  readonly best: BestEpoch | undefined;
  /** Lengths of the logs in bytes: what is behind was written after this and is cut off. */
  readonly logs: Readonly<Record<string, number>>;
  /** Random numbers are functions of (seed, name, number): the seed and the numbers above are their whole state. */
  readonly seed: number;
}

export interface BestEpoch {
  readonly epoch: number;
  readonly step: number;
  /** What epochs are compared by: the mean AUC or Dice of the validation, or minus its loss where none is defined. */
  readonly measure: 'auc' | 'dice' | 'loss';
  readonly value: number;
}

export interface Checkpoint {
  readonly progress: Progress;
  readonly identity: EngineIdentity;
  readonly netc: string;
  readonly configuration: RunConfiguration;
  /** For `Engine.importState`. */
  readonly state: Uint8Array;
}

type Description = Omit<Checkpoint, 'state'>;

const unsigned = '0'.repeat(64);

/**
 * Writes a checkpoint, whole or not at all: the engine's safetensors file, in whose metadata stand progress, versions,
 * and the SHA-256 of the file with zeros in its place. UserError R1003, R1004 or R1005 when the system refuses.
 */
export async function writeCheckpoint(path: string, { state, ...description }: Checkpoint): Promise<void> {
  const { header, data } = split(state);
  const own = { ...description, format: formatVersion };
  const metadata = { ...metadataOf(header), 'netc.checkpoint': canonicalJson(own) };
  const encode = (sha256: string) =>
    encodeHeader({ ...header, __metadata__: { ...metadata, 'netc.sha256': sha256 } });
  const sha256 = digest([encode(unsigned), data]);
  await writeFileAtomic(path, [encode(sha256), data]);
}

/** Undefined where there is none. UserError R4001 for a damaged file, R4002 for one of another version. */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  let file: Uint8Array;
  try {
    file = await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fromSystem(error, path, 'read');
  }
  const { description, sha256, headerLength } = inspect(file, path);
  const signature = Buffer.from(file.buffer, file.byteOffset, headerLength).indexOf(sha256);
  const cleared = file.slice(0, headerLength);
  cleared.set(Buffer.from(unsigned), signature);
  if (signature < 0 || digest([cleared, file.subarray(headerLength)]) !== sha256) {
    throw damaged(path, 'Its content is not what its checksum says.');
  }
  const { format, ...rest } = description;
  if (format !== formatVersion) throw otherVersion(path, format, formatVersion);
  return { ...rest, state: file };
}

function inspect(file: Uint8Array, path: string) {
  try {
    const { header, headerLength } = split(file);
    const { 'netc.sha256': sha256 = '', 'netc.checkpoint': text = '' } = metadataOf(header);
    // The checksum vouches for what is in it.
    const description = JSON.parse(text) as Description & { readonly format: number };
    return { description, sha256, headerLength };
  } catch (cause) {
    throw damaged(path, 'It is no checkpoint, or was cut off.', cause);
  }
}

type Header = Readonly<Record<string, unknown>>;

/** The parts of a safetensors file: its header, and its data, which begin at `headerLength`. */
function split(file: Uint8Array) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const headerLength = 8 + length;
  if (!(headerLength <= file.length)) throw new RangeError('the header ends behind the file');
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, headerLength))) as Header;
  return { header, headerLength, data: file.subarray(headerLength) };
}

function metadataOf(header: Header): Readonly<Record<string, string>> {
  return (header['__metadata__'] ?? {}) as Readonly<Record<string, string>>;
}

/** Padded so that the data behind it are aligned. */
function encodeHeader(header: Header): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

function digest(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

function damaged(path: string, message: string, cause?: unknown): UserError {
  return new UserError('R4001', message, {
    place: path,
    // Whichever of the two it is: without the last one, the best is written anew.
    remedy:
      'Put back a copy of it, or remove last.safetensors and resume: training then starts from its beginning.',
    cause,
  });
}

/** Whether all tensors of a state are finite; `importState` of anything else would go on from ruins. */
export function isFiniteState(state: Uint8Array): boolean {
  const { data } = split(state);
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  const values = new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
  // A sum of squares would overflow and one of values cancel; x - x is 0 for finite numbers alone.
  let sum = 0;
  for (const value of values) sum += value - value;
  return sum === 0;
}
