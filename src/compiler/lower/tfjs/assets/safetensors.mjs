/**
 * Weights as bytes: the safetensors format (https://github.com/huggingface/safetensors, "Format"), for float32.
 *
 * 8 bytes with the length of the header, the header in JSON, padded to 8 bytes, then the tensors one after another.
 */

/**
 * @param {Uint8Array} bytes
 * @returns {{
 *   tensors: Map<string, { dtype: string, shape: number[], data: Float32Array }>,
 *   metadata: Record<string, string>,
 * }} tensors by name
 */
export function parseSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > bytes.byteLength - 8) throw new RangeError('this is not a safetensors file: it is too short');
  const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  const start = bytes.byteOffset + 8 + length;
  const available = bytes.byteLength - 8 - length;
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    if (dtype !== 'F32') throw new RangeError(`the tensor ${name} has the type ${dtype}; only F32 is read`);
    const [begin, end] = offsets;
    const count = shape.reduce((product, size) => product * size, 1);
    if (!(begin >= 0 && end <= available && end - begin === 4 * count)) {
      throw new RangeError(`the tensor ${name} does not lie inside the file: it was cut off, or is damaged`);
    }
    // Copied, because a Float32Array has to begin at a multiple of 4 bytes.
    tensors.set(name, {
      dtype,
      shape,
      data: new Float32Array(bytes.buffer.slice(start + begin, start + end)),
    });
  }
  return { tensors, metadata };
}

/**
 * The same tensors and metadata give the same bytes, in whatever order they come.
 *
 * @param {Iterable<[string, { shape: readonly number[], data: Float32Array }]>} tensors
 * @param {Record<string, string>} [metadata]
 * @returns {Uint8Array}
 */
export function formatSafetensors(tensors, metadata = {}) {
  const inOrder = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const names = Object.keys(metadata).sort();
  const members =
    names.length === 0
      ? []
      : [member('__metadata__', Object.fromEntries(names.map((n) => [n, metadata[n]])))];
  let offset = 0;
  for (const [name, { shape, data }] of inOrder) {
    members.push(member(name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }));
    offset += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(header, 8);
  let at = 8 + length;
  for (const [, { data }] of inOrder) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Written one by one: an object would move names that look like integers to its front. */
function member(name, value) {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}
