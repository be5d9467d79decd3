import type { ConvAttributes } from '../../../../ops/conv.ts';
import { isBlockable, type Block } from '../blocks.ts';
import { convolutionShape, type ConvolutionShape, type ConvolutionTypes } from '../convolution-cost.ts';
import { blockImage, type BlockImage } from './block-image.ts';

/** A convolution of which x and y are images that may lie in blocks. */
export interface BlockConvolution {
  readonly shape: ConvolutionShape;
  readonly x: BlockImage;
  readonly y: BlockImage;
}

/** Undefined where it is none. */
export function blockConvolution(
  attributes: ConvAttributes,
  types: ConvolutionTypes,
  block: Block,
): BlockConvolution | undefined {
  const shape = convolutionShape(attributes, types);
  if (shape === undefined || !isBlockable(shape, block)) return undefined;
  const x = blockImage(types.x, block, attributes.from);
  const y = blockImage(types.y, block, attributes.to);
  return x && y && { shape, x, y };
}
