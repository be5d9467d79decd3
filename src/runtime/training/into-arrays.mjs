/**
 * Runs graphs of ONNX Runtime so that their outputs are written into arrays which are there already.
 *
 * The binding for Node (onnxruntime-node 1.30) takes such arrays, has them written, and then copies each of them into
 * a new one all the same: for a step of training, three vectors as long as the network's parameters. It goes through the outputs in
 * order, and gives up at the first that no array can hold. So a graph that is opened here has one of that kind in front, an empty
 * sequence; what the binding says of it comes when all has been computed. That this was so is looked at, not taken for granted:
 * arrays are marked before a run, and no mark may be left.
 */
import { readFile } from 'node:fs/promises';

/** Outputs of models have no slash in their names, and those of steps begin otherwise. */
const stop = 'netc/stop';

/** A field of a message in the encoding of protocol buffers, with fewer than 128 bytes in it. */
const field = (number, bytes) => [(number << 3) | 2, bytes.length, ...bytes];
const text = (value) => [...Buffer.from(value)];

/**
 * A ModelProto with the sequence and nothing else. In that encoding, messages one behind the other are one message that has what is in all
 * of them, lists in this order.
 */
const floatTensor = field(1, [1 << 3, 1]);
const floatSequence = field(4, field(1, floatTensor));
const node = [...field(2, text(stop)), ...field(4, text('SequenceEmpty'))];
const output = [...field(1, text(stop)), ...field(2, floatSequence)];
const front = Uint8Array.from(field(7, [...field(1, node), ...field(12, output)]));

/**
 * What an array has in its last element until it is written: a NaN of the signalling kind. Computations make quiet ones, of any
 * bits otherwise; of the logarithm of a negative number all of them are set.
 */
const unwritten = 0x7f_a5_5a_a5;

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** The graph of a file, its bytes or the path to it, with the sequence in front of its outputs. It may have no data in files beside it. */
export async function withStop(file) {
  return Buffer.concat([front, typeof file === 'string' ? await readFile(file) : file]);
}

/** The outputs of a session of such a graph but for the sequence, as ONNX Runtime describes them. */
export function outputsOf(session) {
  return session.outputMetadata.filter(({ name }) => name !== stop);
}

/**
 * An array for an output, the spare one if that fits; undefined where the run alone knows its shape, or where it has a type of
 * which steps have none.
 */
export function arrayFor({ type, shape }, spare) {
  if (!(type in arrays) || shape.some((length) => typeof length !== 'number')) return undefined;
  const size = shape.reduce((product, length) => product * length, 1);
  return spare instanceof arrays[type] && spare.length === size ? spare : new arrays[type](size);
}

/** How the binding gives up at the sequence, which is after everything was computed. */
const givenUp = /non tensor type/i;

/**
 * Runs a session of such a graph, with a tensor for each of its outputs to be written to. Resolves to whether all was computed
 * and written: where it was not, the run failed, or this version of the binding writes into no arrays, and a run without them tells
 * which. Numbers of floating point are looked at, of which a step has its loss at least.
 *
 * An array may be that of an input as well, where the graph writes it when it has computed all else. Then a run that has written
 * anything and did not succeed is an error: the input may be gone, and there is nothing to run on once more.
 */
export async function runInto(session, feeds, outputs) {
  const tensors = Object.values(outputs);
  const read = new Set(Object.values(feeds).map(({ data }) => data));
  const writesOver = tensors.some(({ data }) => read.has(data));
  const lasts = tensors
    .filter(({ type, size, data }) => type === 'float32' && size > 0 && !read.has(data))
    .map(lastBits);
  for (const last of lasts) last[0] = unwritten;
  const isWritten = ([bits]) => bits !== unwritten;
  const failure = await failureOf(session.run(feeds, { [stop]: null, ...outputs }));
  if (failure === undefined && lasts.length > 0 && lasts.every(isWritten)) return true;
  if (writesOver && lasts.some(isWritten)) throw failure ?? new Error('outputs were written in part');
  return false;
}

/** The error of a run, undefined where it came to its end. */
async function failureOf(run) {
  try {
    await run;
    return undefined;
  } catch (error) {
    return givenUp.test(error.message) ? undefined : error;
  }
}

function lastBits({ data }) {
  return new Uint32Array(data.buffer, data.byteOffset + data.byteLength - data.BYTES_PER_ELEMENT, 1);
}
