import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../src/runtime/json-keys.ts';
import { readSafetensors, writeSafetensors } from '../../src/runtime/safetensors.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const root = await temporaryFolder();
const path = join(root, 'weights.safetensors');

const float = (shape: number[], ...values: number[]): SafeTensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
});

/** A file with this header text, as it stands, and this many bytes of data. */
async function writeRaw(header: string, dataBytes: number): Promise<void> {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  await writeFile(path, bytes);
}

describe('writeSafetensors and readSafetensors', () => {
  it('keep every element type, empty tensors, scalars, odd names and metadata', async () => {
    const tensors = new Map<string, SafeTensor>([
      ['10', float([2, 2], 1, -0, Infinity, 1e-45)],
      ['2', float([], 5)],
      ['empty', float([3, 0])],
      ['ü/"quoted"\n', float([1], 7)],
      ['__proto__', float([1], 8)],
      ['double', { dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) }],
      ['long', { dtype: 'I64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) }],
      ['int', { dtype: 'I32', shape: [1], data: Int32Array.of(-7) }],
      ['half', { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0, 1) }],
      ['flag', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ]);
    const metadata = { format: 'netc', note: 'ünï "code"' };
    await writeSafetensors(path, tensors, metadata);
    const read = await readSafetensors(path);
    expect(read.metadata).toEqual(metadata);
    expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) expect(read.tensors.get(name)).toEqual(tensor);
  });

  it('write the same bytes whatever the order, with the data of every tensor aligned', async () => {
    const entries: [string, SafeTensor][] = [
      ['b', float([3], 1, 2, 3)],
      ['flags', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
      ['a', float([1], 4)],
      ['wide', { dtype: 'F64', shape: [1], data: Float64Array.of(5) }],
    ];
    await writeSafetensors(path, new Map(entries), { x: '1', a: '2' });
    const bytes = await readFile(path);
    await writeSafetensors(path, new Map(entries.reverse()), { a: '2', x: '1' });
    expect(await readFile(path)).toEqual(bytes);
    const headerLength = Number(bytes.readBigUInt64LE(0));
    expect(headerLength % 8).toBe(0);
    expect(
      bytes
        .subarray(8, 8 + headerLength)
        .toString()
        .trimEnd(),
    ).toBe(
      '{"__metadata__":{"a":"2","x":"1"},"wide":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
        '"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[3],"data_offsets":[12,24]},' +
        '"flags":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]}}',
    );
  });

  it('write only the part of a buffer that the array shows', async () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, new Map([['t', { dtype: 'F32', shape: [2], data }]]));
    expect((await readSafetensors(path)).tensors.get('t')).toEqual(float([2], 2, 3));
  });

  it('keep arbitrary maps', async () => {
    const tensor = fc
      .array(fc.float({ noNaN: true }), { maxLength: 20 })
      .map((values) => float([values.length], ...values));
    const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, tensor), { maxLength: 8 }), async (entries) => {
        const tensors = new Map(entries);
        await writeSafetensors(path, tensors);
        const read = (await readSafetensors(path)).tensors;
        expect(read.size).toBe(tensors.size);
        for (const [key, value] of tensors) expect(read.get(key)).toEqual(value);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('refuse to write what contradicts itself', async () => {
    await expect(writeSafetensors(path, new Map([['t', float([2], 1)]]))).rejects.toThrow(RangeError);
    await expect(writeSafetensors(path, new Map([['__metadata__', float([])]]))).rejects.toThrow(RangeError);
  });
});

describe('readSafetensors refuses', () => {
  const entry = (begin: number, end: number, shape = `[${(end - begin) / 4}]`, dtype = 'F32') =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

  it('a file that is not there', async () => {
    expect((await userErrorOf('R1001', readSafetensors(join(root, 'none')))).place).toBe(join(root, 'none'));
  });

  it('a folder', () => userErrorOf('R1002', readSafetensors(root)));

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['a short file', Uint8Array.of(1, 2, 3)],
    ['text', new TextEncoder().encode('not a tensor in sight, only words')],
    ['a header longer than the file', Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d)],
    ['a header beyond the limit', Uint8Array.of(0, 0xe1, 0xf5, 0x0f, 1, 0, 0, 0, 0x7b, 0x7d)],
  ])('%s', async (_title, bytes) => {
    await writeFile(path, bytes);
    await userErrorOf('R3001', readSafetensors(path));
  });

  it.each([
    ['a header that is not JSON', '{"a":', 'R3001', /JSON/],
    ['a header that is a list', '[]', 'R3001', /object/],
    ['a tensor given twice', `{"a":${entry(0, 8)},"\\u0061":${entry(0, 8)}}`, 'R3002', /"a" twice/],
    ['a tensor that is a number', '{"a":1}', 'R3002', /"a"/],
    ['no dtype', '{"a":{"shape":[2],"data_offsets":[0,8]}}', 'R3002', /dtype/],
    ['an unknown dtype', `{"a":${entry(0, 8, '[8]', 'F8_E4M3')}}`, 'R3003', /F8_E4M3/],
    ['a dtype of every object', `{"a":${entry(0, 8, '[8]', 'constructor')}}`, 'R3003', /constructor/],
    ['a negative size', `{"a":${entry(0, 8, '[-2]')}}`, 'R3002', /shape/],
    ['a size with a fraction', `{"a":${entry(0, 8, '[0.5]')}}`, 'R3002', /shape/],
    ['a size too large', `{"a":${entry(0, 8, '[9007199254740991,4096]')}}`, 'R3002', /needs/],
    ['one offset', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}', 'R3002', /data_offsets/],
    ['offsets that do not fit the shape', `{"a":${entry(0, 8, '[3]')}}`, 'R3002', /needs 12 bytes/],
    ['an overlap', `{"a":${entry(0, 8)},"b":${entry(4, 8)}}`, 'R3002', /overlaps/],
    ['a gap', `{"a":${entry(4, 8)}}`, 'R3002', /gap/],
    ['a file cut off', `{"a":${entry(0, 16)}}`, 'R3002', /cut off/],
    ['bytes left over', `{"a":${entry(0, 4)}}`, 'R3002', /belong to none/],
    ['metadata that is not of strings', `{"__metadata__":{"n":1},"a":${entry(0, 8)}}`, 'R3002', /string/],
    ['metadata that is no object', `{"__metadata__":[],"a":${entry(0, 8)}}`, 'R3002', /object/],
  ] as const)('%s', async (_title, header, code, message) => {
    await writeRaw(header, 8);
    const error = await userErrorOf(code, readSafetensors(path));
    expect(error.message).toMatch(message);
    expect(error.place).toBe(path);
  });

  it('any damage of a good file with a UserError, or reads it', async () => {
    await writeSafetensors(
      path,
      new Map([
        ['a', float([2], 1, 2)],
        ['b', float([1], 3)],
      ]),
      { k: 'v' },
    );
    const good = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
        const damaged = Uint8Array.from(good);
        damaged[at] = byte;
        await writeFile(path, damaged);
        await readSafetensors(path).catch((error: unknown) => expect(error).toHaveProperty('remedy'));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('repeatedKey', () => {
  it.each([
    ['{}', undefined],
    ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', undefined],
    ['{"a":"a","b":"{\\"a\\":1,"}', undefined],
    ['{"a":1,"b":{"c":1,"c":2}}', 'c'],
    ['{"\\\\":1,"x":2,"\\\\":3}', '\\'],
  ])('of %s is %s', (json, expected) => {
    expect(repeatedKey(json)).toBe(expected);
  });
});
