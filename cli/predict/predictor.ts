import { decodeImage } from '../../src/runtime/images.ts';
import { prepareImage, type PixelSpec } from '../../src/runtime/prepare.ts';
import { EngineError, startOnnx } from '../../src/verify/onnx-engine.ts';
import { describeOnnx, unusable, type OnnxDescription } from './onnx-description.ts';

/** What a model says of one image: numbers by output, in the order of the output's labels where it has some. */
export interface Prediction {
  readonly outputs: ReadonlyMap<string, readonly number[]>;
}

/** A model that takes images. */
export interface Predictor {
  readonly description: OnnxDescription;
  /** How an image is prepared for it. */
  readonly pixels: PixelSpec;
  /** The outputs for `count` prepared images side by side, row-major, the first axis over the images. */
  run(images: Float32Array, count: number): Promise<ReadonlyMap<string, Float32Array>>;
  /** UserError where the image cannot be read. */
  predict(image: string): Promise<Prediction>;
  close(): Promise<void>;
}

/** Where the image goes: the input, how many of them a run takes (undefined: any number), and how one is prepared. */
interface ImageInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly batch: number | undefined;
  readonly spec: PixelSpec;
}

/** UserError R3004 where the file is not a model of one image. */
export async function startPredictor(file: Uint8Array, path: string): Promise<Predictor> {
  const description = await describeOnnx(file, path);
  const input = imageInput(description, path);
  const engine = await startOnnx(file).catch((error: unknown) => {
    throw error instanceof EngineError ? unusable(path, `${error.message}.`, error) : error;
  });
  const imageSize = input.dims.reduce((product, size) => product * size, 1);
  /** The outputs for as many images as a run of the file takes, or for any number where it does not fix one. */
  const runOnce = async (images: Float32Array, count: number): Promise<ReadonlyMap<string, Float32Array>> => {
    const batch = input.batch ?? count;
    // A file with a fixed batch is given the last image as often as it wants one.
    const data = new Float64Array(imageSize * batch);
    for (let i = 0; i < batch; i++) {
      const from = Math.min(i, count - 1) * imageSize;
      data.set(images.subarray(from, from + imageSize), i * imageSize);
    }
    const axes = [batch, ...input.dims].map((size, i) => ({ name: String(i), size }));
    const results = await engine.run(new Map([[input.name, { type: { dtype: 'f32', axes }, data }]]));
    return new Map(
      [...results].map(([name, { data: values }]) => [
        name,
        Float32Array.from(values).subarray(0, (values.length / batch) * count),
      ]),
    );
  };
  const run: Predictor['run'] = async (images, count) => {
    if (input.batch === undefined || count <= input.batch) return runOnce(images, count);
    const parts: ReadonlyMap<string, Float32Array>[] = [];
    for (let from = 0; from < count; from += input.batch) {
      const size = Math.min(input.batch, count - from);
      parts.push(await runOnce(images.subarray(from * imageSize, (from + size) * imageSize), size));
    }
    return new Map(
      [...(parts[0]?.keys() ?? [])].map((name) => [
        name,
        Float32Array.from(parts.flatMap((part) => [...(part.get(name) ?? [])])),
      ]),
    );
  };
  return {
    description,
    pixels: input.spec,
    run,
    predict: async (image) => {
      const outputs = await run(prepareImage(await decodeImage(image), input.spec), 1);
      return { outputs: new Map([...outputs].map(([name, values]) => [name, [...values]])) };
    },
    close: () => engine.close(),
  };
}

function imageInput({ inputs, pixels }: OnnxDescription, path: string): ImageInput {
  const [input, second] = inputs;
  const normalisation = input && pixels.get(input.name);
  if (input === undefined || normalisation === undefined || second !== undefined) {
    const names = inputs.map(({ name }) => `\`${name}\``).join(', ');
    throw unusable(path, `One image is what can be given to a model; this one has the inputs ${names}.`);
  }
  const [batch, ...dims] = input.dims;
  const [a, b, c] = dims;
  const channels = normalisation.mean.length;
  const isLegible = a !== undefined && b !== undefined && c !== undefined && dims.length === 3;
  const layout = a === channels ? 'chw' : c === channels ? 'hwc' : undefined;
  if (!isLegible || layout === undefined || (channels !== 1 && channels !== 3)) {
    throw unusable(path, `The input \`${input.name}\` is not a batch of images of one size, gray or RGB.`);
  }
  const [height, width] = layout === 'chw' ? [b, c] : [a, b];
  const { mean, std } = normalisation;
  return {
    name: input.name,
    dims: [a, b, c],
    batch,
    spec: { channels, height, width, mean, std, layout },
  };
}
