import { Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { batchTensors, type BatchInput } from '../../../src/runtime/training/batch-tensors.mjs';

const inputs: readonly BatchInput[] = [
  { name: 'image', type: 'float32', shape: ['N', 2] },
  { name: 'kind', type: 'int32', shape: ['N'] },
];
const image = Float32Array.of(1, 2, 3, 4);
const kind = Int32Array.of(5, 6);
const made = (batch?: Readonly<Record<string, unknown>>): ReturnType<typeof batchTensors> =>
  batchTensors(Tensor, inputs, batch);

test('numbers and what is a tensor already become tensors, and say how many samples there are', () => {
  const { tensors, sizes } = made({ image, kind: { data: kind, dims: [2] } });
  expect(tensors).toEqual({
    image: new Tensor('float32', image, [2, 2]),
    kind: new Tensor('int32', kind, [2]),
  });
  expect([...sizes]).toEqual([['N', 2]]);
});

test.each([
  [undefined, 'the batch has no image, which is float32 [N, 2]'],
  [{ image }, 'the batch has no kind, which is int32 [N]'],
  [{ image: null, kind }, 'the batch has no image, which is float32 [N, 2]'],
  [{ image: Float64Array.from(image), kind }, 'image takes Float32Array [N, 2], not Float64Array'],
  [{ image, kind: [5, 6] }, 'kind takes Int32Array [N], not Array'],
  [{ image, kind: { data: image, dims: [2] } }, 'kind takes Int32Array [N], not Float32Array'],
  [{ image, kind: 5 }, 'kind takes Int32Array [N], not Number'],
  [{ image, kind, known: kind }, 'there is no input known; there are image, kind'],
  [{ image: image.subarray(0, 3), kind }, 'image is [N, 2]: its 3 numbers are no whole number of 2'],
  [{ image: image.subarray(0, 2), kind }, 'N is 1 in image and 2 in kind'],
  [{ image: { data: image, dims: [4] }, kind }, 'image is [4], not [N, 2]'],
  [{ image: { data: image, dims: [3, 2] }, kind }, 'image has 4 numbers, which is not [3, 2]'],
])('%# says what a batch lacks', (batch, message) => {
  expect(() => made(batch)).toThrow(message);
});
