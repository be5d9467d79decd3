import { expect, test } from 'vitest';
import { MessageReader, writtenMessage } from '../../../src/runtime/training/messages.mjs';

const messages = [
  { call: 'open', args: [Uint8Array.of(1, 2, 3)] },
  { call: 'kept', args: [] },
  {
    call: 'step',
    args: [
      2,
      {
        'a/weight': { type: 'float32', dims: [2, 1], data: Float32Array.of(-0, NaN) },
        none: { type: 'int32', dims: [0], data: new Int32Array(0) },
        // A view of the middle of something larger, which begins at no multiple of anything.
        part: { type: 'bool', dims: [3], data: new Uint8Array(Uint8Array.of(9, 0, 1, 1, 9).buffer, 1, 3) },
      },
    ],
  },
  { failure: 'größer als "alles"', args: [null, [], {}] },
];

/** All messages in pieces of so many bytes. */
function read(length: number): readonly unknown[] {
  const bytes = Buffer.concat(messages.flatMap((message) => [...writtenMessage(message)]));
  const heard: unknown[] = [];
  const reader = new MessageReader((message) => heard.push(message));
  for (let at = 0; at < bytes.length; at += length) reader.push(bytes.subarray(at, at + length));
  return heard;
}

test.each([1, 3, 7, 64, 1e6])('messages come out of a pipe as they went in, %i bytes at a time', (length) => {
  expect(read(length)).toEqual(messages);
});

test('a buffer is sent as the bytes that it holds', () => {
  const heard: unknown[] = [];
  const reader = new MessageReader((message) => heard.push(message));
  for (const piece of writtenMessage({ file: Buffer.from('graph') })) reader.push(piece);
  expect(heard).toEqual([{ file: new Uint8Array(Buffer.from('graph')) }]);
});

test('an array of another kind is refused where it is sent', () => {
  expect(() => writtenMessage({ data: new Float64Array(1) })).toThrow(TypeError);
});
