import type { SizeSource } from '../../ir/dynamic-sizes.ts';
import type { GraphInput } from '../../ir/graph.ts';
import { freshVar, variable, type SizeVar } from '../../shapes/size.ts';
import { imageLayout, type ImageLayout } from '../image-layout.ts';
import type { OnnxTensor } from './emitter.ts';
import { preprocess, type Preprocessing } from './preprocess.ts';
import type { OnnxGraphBuilder } from './onnx-graph-builder.ts';

/** An input for decoded images, uint8 [N, H, W, C] of any size, in the place of one for prepared images. */
export interface RawImageInput {
  readonly tensor: OnnxTensor;
  /** Where the sizes of its images are read off. */
  readonly sources: ReadonlyMap<SizeVar, SizeSource>;
  readonly spec: Preprocessing;
  readonly layout: ImageLayout['layout'];
}

/** Undefined where the input is no image of gray or RGB `from pixels`, or its height and width are not known. */
export function rawImageInput({ name, value, pixels }: GraphInput, index: number): RawImageInput | undefined {
  if (pixels === undefined) return undefined;
  const image = imageLayout(value.type, pixels.mean.length);
  const [batch] = value.type.axes;
  if (image === undefined || batch === undefined) return undefined;
  const { channels, height, width, layout } = image;
  if (channels !== 1 && channels !== 3) return undefined;
  const free = ['height', 'width', 'channels'].map((size) => freshVar(`${name}_${size}`));
  return {
    tensor: { name, dtype: 'uint8', dims: [batch.size, ...free.map(variable)] },
    sources: new Map(free.map((v, i) => [v, { input: index, axis: i + 1, factor: 1, offset: 0 }])),
    spec: { channels, height, width, mean: pixels.mean, std: pixels.std },
    layout,
  };
}

/** The nodes that prepare the images; what they make has the type of the input in the model. */
export function prepareRawImage(
  builder: OnnxGraphBuilder,
  { tensor, spec, layout }: RawImageInput,
): OnnxTensor {
  builder.at(`${tensor.name}/prepare`);
  const prepared = preprocess(builder, tensor, spec);
  return layout === 'chw' ? prepared : builder.transpose(prepared, [0, 2, 3, 1]);
}
