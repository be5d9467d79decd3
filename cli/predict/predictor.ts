import { decodeImage, type Image } from '../../src/runtime/images.ts';
import { prepareImage } from '../../src/runtime/prepare.ts';
import { EngineError, startOnnx, type OnnxEngine } from '../../src/verify/onnx-engine.ts';
import type { Outputs } from '../../src/verify/tensors.ts';
import { BatchRunner, type ImageInput } from './batch-runner.ts';
import { describeOnnx, unusable, type OnnxDescription, type TensorDescription } from './onnx-description.ts';

/** What a model says of one image: numbers by output, in the order of the output's labels where it has some. */
export interface Prediction {
  readonly outputs: ReadonlyMap<string, readonly number[]>;
}

/** A model that takes images from files. */
export interface Predictor {
  readonly description: OnnxDescription;
  /** For many images at once; undefined where the file takes decoded images, each of its own size. */
  readonly batches: BatchRunner | undefined;
  /** UserError where the image cannot be read. */
  predict(image: string): Promise<Prediction>;
  close(): Promise<void>;
}

/** UserError R3004 where the file is not a model of one image. */
export async function startPredictor(file: Uint8Array, path: string): Promise<Predictor> {
  const description = await describeOnnx(file, path);
  const [input, second] = description.inputs;
  const pixels = input && description.pixels.get(input.name);
  if (input === undefined || pixels === undefined || second !== undefined) {
    const names = description.inputs.map(({ name }) => `\`${name}\``).join(', ');
    throw unusable(path, `One image is what can be given to a model; this one has the inputs ${names}.`);
  }
  const engine = await startOnnx(description.hasExternalData ? path : file).catch((error: unknown) => {
    throw error instanceof EngineError ? unusable(path, `${error.message}.`, error) : error;
  });
  const batches =
    pixels.kind === 'prepared' ? new BatchRunner(engine, preparedInput(input, pixels, path)) : undefined;
  const run = async (image: Image): Promise<ReadonlyMap<string, ArrayLike<number>>> =>
    batches === undefined
      ? firstOf(await runRaw(engine, input, image))
      : batches.run(prepareImage(image, batches.pixels), 1);
  return {
    description,
    batches,
    predict: async (image) => {
      const outputs = await run(await decodeImage(image));
      return { outputs: new Map([...outputs].map(([name, values]) => [name, Array.from(values)])) };
    },
    close: () => engine.close(),
  };
}

/** Gives an image as it was decoded to a file that prepares it; as often as the file wants one. */
function runRaw(engine: OnnxEngine, { name, dims }: TensorDescription, image: Image): Promise<Outputs> {
  const { height, width, channels } = image;
  const [batch = 1] = dims;
  // Of 16 bits, the upper ones: the file takes bytes.
  const one = image.data instanceof Uint8Array ? image.data : Uint8Array.from(image.data, Math.round);
  const data = new Uint8Array(batch * one.length);
  for (let i = 0; i < batch; i++) data.set(one, i * one.length);
  return engine.run(new Map(), new Map([[name, { dims: [batch, height, width, channels], data }]]));
}

/** What the outputs say of the first image. */
function firstOf(outputs: Outputs): ReadonlyMap<string, ArrayLike<number>> {
  return new Map(
    [...outputs].map(([name, { shape, data }]) => [
      name,
      Array.from(data).slice(0, data.length / Math.max(shape[0] ?? 1, 1)),
    ]),
  );
}

function preparedInput(
  { name, dims: [batch, ...dims] }: TensorDescription,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
  path: string,
): ImageInput {
  const [a, b, c] = dims;
  const channels = mean.length;
  const isLegible = a !== undefined && b !== undefined && c !== undefined && dims.length === 3;
  const layout = a === channels ? 'chw' : c === channels ? 'hwc' : undefined;
  if (!isLegible || layout === undefined || (channels !== 1 && channels !== 3)) {
    throw unusable(path, `The input \`${name}\` is not a batch of images of one size, gray or RGB.`);
  }
  const [height, width] = layout === 'chw' ? [b, c] : [a, b];
  return { name, dims: [a, b, c], batch, spec: { channels, height, width, mean, std, layout } };
}
