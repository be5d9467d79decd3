import type { ConvAttributes } from '../../../../ops/conv.ts';
import { numberOf, sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import type { TensorType } from '../../../../ir/tensor-type.ts';
import { range, type Block } from '../blocks.ts';
import {
  windowShape,
  type ConvolutionShape,
  type ConvolutionTypes,
  type WindowShape,
} from '../convolution-cost.ts';
import { blockConvolution } from './block-convolution.ts';
import type { BlockImage } from './block-image.ts';

interface SlidImage extends BlockImage {
  readonly height: number;
  readonly width: number;
}

interface Taps {
  readonly count: number;
  readonly stride: number;
}

/** How the two images of a gradient by a weight lie over each other, and into which pieces they are cut. */
export interface SlidingImages {
  readonly shape: ConvolutionShape;
  /** What stays where it is: the side of as many channels or more, or g, whose places are fewer, at a stride. */
  readonly kept: SlidImage;
  /** What slides over it, with what `pads` adds around it, so that each place of `kept` has all that its taps read. */
  readonly spread: SlidImage;
  /** Whether g slides and not x: then it is read from the last tap to the first. */
  readonly spreadsG: boolean;
  /** Taps along each axis, and how many places of `spread` lie between what two neighbours in `kept` read. */
  readonly down: Taps;
  readonly across: Taps;
  /** Lines and columns to be added around `spread`, or taken away where they are negative. */
  readonly pads: Readonly<Record<'top' | 'left' | 'bottom' | 'right', number>>;
  /** Strips of whole lines into which images are cut, so that these fill blocks. */
  readonly strips: number;
  /** Lines of `kept` in a strip. */
  readonly rows: number;
  /** Places of `kept` in a piece of a line. */
  readonly columns: number;
  /** Equal shares of the channels of `spread`, so that two threads have as much to do. */
  readonly shares: number;
}

/** How many products the convolution adds up before it writes their sum: more weights than that fill the nearest cache. */
const PRODUCTS = 112;

/** Blocks of channels that the blocked convolution makes at a time. */
const BLOCKS_AT_ONCE = 4;

/** Undefined where it is no convolution of images in blocks, or dilated or in groups, or where their strips fill no blocks. */
export function slidingImages(
  attributes: ConvAttributes,
  types: ConvolutionTypes,
  block: Block,
): SlidingImages | undefined {
  const convolution = blockConvolution(attributes, types, block);
  if (convolution === undefined || convolution.shape.groups !== 1) return undefined;
  const { shape } = convolution;
  const [down, across] = windowsInOrder(types.x, attributes.windows).map(windowShape);
  if (down === undefined || across === undefined || down.kernel * across.kernel === 1) return undefined;
  if (down.dilation * across.dilation !== 1) return undefined;
  const [x, g] = [slid(convolution.x, types.x), slid(convolution.y, types.y)];
  const spreadsG = down.stride * across.stride === 1 && g.channels < x.channels;
  const [kept, spread] = spreadsG ? [x, g] : [g, x];
  const strips = divisors(kept.height).find((count) => (kept.batch * count) % block === 0);
  const columns = divisors(kept.width).findLast((count) => count * block <= PRODUCTS);
  if (strips === undefined || columns === undefined) return undefined;
  const [top, bottom] = padsOf(down, kept.height, spread.height, spreadsG);
  const [left, right] = padsOf(across, kept.width, spread.width, spreadsG);
  const works = Math.ceil(kept.channels / (BLOCKS_AT_ONCE * block)) * down.kernel;
  return {
    shape,
    kept,
    spread,
    spreadsG,
    down: { count: down.kernel, stride: down.stride },
    across: { count: across.kernel, stride: across.stride },
    pads: { top, left, bottom, right },
    strips,
    rows: kept.height / strips,
    columns,
    shares: works % 2 === 1 && spread.channels % (2 * block) === 0 ? 2 : 1,
  };
}

/** Places of `spread` that `length` neighbours in `kept` read along an axis. */
export function reach(length: number, { count, stride }: Taps): number {
  return (length - 1) * stride + count;
}

/** What is to be added before the first and behind the last place of `spread`. */
function padsOf(
  { before, kernel, stride }: WindowShape,
  kept: number,
  spread: number,
  spreadsG: boolean,
): readonly [before: number, after: number] {
  const first = spreadsG ? kernel - 1 - before : before;
  return [first, reach(kept, { count: kernel, stride }) - first - spread];
}

function slid(image: BlockImage, type: TensorType): SlidImage {
  const [, , height = 1, width = 1] = sizesOf(type).map(numberOf);
  return { ...image, height, width };
}

/** From 1 on. */
function divisors(size: number): readonly number[] {
  return range(size + 1).filter((count) => count > 0 && size % count === 0);
}
