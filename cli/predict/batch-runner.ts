import type { PixelSpec } from '../../src/runtime/prepare.ts';
import type { OnnxEngine } from '../../src/verify/onnx-engine.ts';

/** Outputs by name, row-major, the first axis over the images. */
export type BatchOutputs = ReadonlyMap<string, Float32Array>;

/** The input for prepared images: how many a run takes (undefined: any number), and how one is prepared. */
export interface ImageInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly batch: number | undefined;
  readonly spec: PixelSpec;
}

/** Runs a file on any number of prepared images side by side, whatever number it takes at a time. */
export class BatchRunner {
  readonly pixels: PixelSpec;
  readonly #engine: OnnxEngine;
  readonly #input: ImageInput;
  readonly #imageSize: number;

  constructor(engine: OnnxEngine, input: ImageInput) {
    this.pixels = input.spec;
    this.#engine = engine;
    this.#input = input;
    this.#imageSize = input.dims.reduce((product, size) => product * size, 1);
  }

  async run(images: Float32Array, count: number): Promise<BatchOutputs> {
    const { batch = count } = this.#input;
    const parts: BatchOutputs[] = [];
    for (let from = 0; from < count; from += batch) {
      const size = Math.min(batch, count - from);
      parts.push(
        await this.#runOnce(images.subarray(from * this.#imageSize, (from + size) * this.#imageSize), size),
      );
    }
    const names = [...(parts[0]?.keys() ?? [])];
    return new Map(
      names.map((name) => [name, joined(parts.map((part) => part.get(name) ?? new Float32Array()))]),
    );
  }

  /** A file with a fixed batch is given the last image as often as it wants one. */
  async #runOnce(images: Float32Array, count: number): Promise<BatchOutputs> {
    const { name, dims, batch = count } = this.#input;
    const data = new Float64Array(this.#imageSize * batch);
    for (let i = 0; i < batch; i++) {
      const from = Math.min(i, count - 1) * this.#imageSize;
      data.set(images.subarray(from, from + this.#imageSize), i * this.#imageSize);
    }
    const axes = [batch, ...dims].map((size, i) => ({ name: String(i), size }));
    const results = await this.#engine.run(new Map([[name, { type: { dtype: 'f32', axes }, data }]]));
    return new Map(
      [...results].map(([output, { data: values }]) => [
        output,
        Float32Array.from(values).subarray(0, (values.length / batch) * count),
      ]),
    );
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}
