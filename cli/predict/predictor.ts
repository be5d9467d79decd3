import { decodeImage } from '../../src/runtime/images.ts';
import { prepareImage, type PixelSpec } from '../../src/runtime/prepare.ts';
import { EngineError, startOnnx } from '../../src/verify/onnx-engine.ts';
import { describeOnnx, unusable, type OnnxDescription } from './onnx-description.ts';

/** What a model says of one image: numbers by output, in the order of the output's labels where it has some. */
export interface Prediction {
  readonly outputs: ReadonlyMap<string, readonly number[]>;
}

/** A model that takes images from files. */
export interface Predictor {
  readonly description: OnnxDescription;
  /** UserError where the image cannot be read. */
  predict(image: string): Promise<Prediction>;
  close(): Promise<void>;
}

/** Where the image goes: the input, how many of them a run takes, and how one is prepared. */
interface ImageInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly batch: number;
  readonly spec: PixelSpec;
}

/** UserError R3004 where the file is not a model of one image. */
export async function startPredictor(file: Uint8Array, path: string): Promise<Predictor> {
  const description = await describeOnnx(file, path);
  const input = imageInput(description, path);
  const engine = await startOnnx(file).catch((error: unknown) => {
    throw error instanceof EngineError ? unusable(path, `${error.message}.`, error) : error;
  });
  return {
    description,
    predict: async (image) => {
      const pixels = prepareImage(await decodeImage(image), input.spec);
      // A file with a fixed batch is given the image as often as it wants one.
      const data = new Float64Array(pixels.length * input.batch);
      for (let i = 0; i < input.batch; i++) data.set(pixels, i * pixels.length);
      const axes = [input.batch, ...input.dims].map((size, i) => ({ name: String(i), size }));
      const results = await engine.run(new Map([[input.name, { type: { dtype: 'f32', axes }, data }]]));
      const first = [...results].map(([name, { shape, data: values }]): [string, number[]] => {
        const perImage = values.length / Math.max(shape[0] ?? 1, 1);
        return [name, Array.from(values).slice(0, perImage)];
      });
      return { outputs: new Map(first) };
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
    batch: batch ?? 1,
    spec: { channels, height, width, mean, std, layout },
  };
}
