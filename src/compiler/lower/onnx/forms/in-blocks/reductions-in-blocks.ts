import { axisNames, type TensorType } from '../../../../ir/tensor-type.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { ReduceAttributes } from '../../../../ops/reduce.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import type { Block } from '../blocks.ts';
import type { OnnxForm } from '../form.ts';
import {
  blockImage,
  expectBlockImage,
  piecesOf,
  pooledInBlocks,
  type BlockImage,
  type Kept,
} from './block-image.ts';

/** The sum of each channel, of each image by itself or of all, is a pool of all its places, times their number. */
export function sumOfBlocks(block: Block): OnnxForm<ReduceAttributes> {
  return reduction(block, 'sum', (e, x, image, kept) => {
    const means = pooledInBlocks(e, x, image, 'ReduceSum', kept);
    return e.node('Mul', [means, e.floats([piecesOf(image).length], [])], means);
  });
}

/** Such a mean, which is the pool itself. */
export function meanOfBlocks(block: Block): OnnxForm<ReduceAttributes> {
  return reduction(block, 'mean', (e, x, image, kept) => pooledInBlocks(e, x, image, 'ReduceMean', kept));
}

function reduction(
  block: Block,
  op: 'sum' | 'mean',
  onnx: (e: OnnxEmitter, x: OnnxTensor, image: BlockImage, kept: Kept) => OnnxTensor,
): OnnxForm<ReduceAttributes> {
  return {
    name: `in-blocks${block}`,
    op,
    doc: `the blocked pool of all places of an image in blocks of ${block} channels`,
    saves: ({ inputs }, { over }) => {
      const { type } = only(inputs);
      const isAble = keptOf(type, over) !== undefined && blockImage(type, block) !== undefined;
      return isAble ? 0 : undefined;
    },
    blocks: () => ({ inputs: [0], outputs: [] }),
    samples: [
      { inputs: [concrete({ N: 2, C: 32, H: 5, W: 4 })], attributes: { over: ['N', 'H', 'W'] } },
      { inputs: [concrete({ N: 1, C: 16, H: 20, W: 30 })], attributes: { over: ['W', 'N', 'H'] } },
      { inputs: [concrete({ N: 3, C: 16, H: 20, W: 30 })], attributes: { over: ['H', 'W'] } },
      { inputs: [concrete({ N: 2, C: 32, H: 3, W: 5 })], attributes: { over: ['W', 'H'] } },
    ],
    onnx: (e, { inputs, inputTypes, attributes: { over } }) => {
      const type = only(inputTypes);
      const kept = keptOf(type, over);
      if (kept === undefined) throw new Error(`this ${op} leaves other axes than images and channels`);
      return [onnx(e, only(inputs), expectBlockImage(type, block), kept)];
    },
  };
}

/** What is left of an image [N, C, H, W]; undefined where that is something else. */
function keptOf(type: TensorType, over: readonly string[]): Kept | undefined {
  const left = axisNames(type).flatMap((name, i) => (over.includes(name) ? [] : [i]));
  switch (left.join()) {
    case '1':
      return 'channels';
    case '0,1':
      return 'images and channels';
    default:
      return undefined;
  }
}
