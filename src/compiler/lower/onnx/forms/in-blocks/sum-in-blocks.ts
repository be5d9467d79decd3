import { axisNames } from '../../../../ir/tensor-type.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { ReduceAttributes } from '../../../../ops/reduce.ts';
import type { Block } from '../blocks.ts';
import type { OnnxForm } from '../form.ts';
import { blockImage, expectBlockImage, piecesOf, pooledInBlocks } from './block-image.ts';

/** The sum of each channel, which is a pool of all its places, times their number. */
export function sumOfBlocks(block: Block): OnnxForm<ReduceAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'sum',
    doc: `the blocked pool of all places of an image in blocks of ${block} channels`,
    saves: ({ inputs }, { over }) => {
      const { type } = only(inputs);
      const channel = axisNames(type).filter((name) => !over.includes(name));
      return channel.length === 1 && blockImage(type, block, channel[0]) !== undefined ? 0 : undefined;
    },
    blocks: () => ({ inputs: [0], outputs: [] }),
    samples: [
      { inputs: [concrete({ N: 2, C: 32, H: 5, W: 4 })], attributes: { over: ['N', 'H', 'W'] } },
      { inputs: [concrete({ N: 1, C: 16, H: 20, W: 30 })], attributes: { over: ['W', 'N', 'H'] } },
    ],
    onnx: (e, { inputs, inputTypes }) => {
      const image = expectBlockImage(only(inputTypes), block);
      const means = pooledInBlocks(e, only(inputs), image, 'ReduceSum');
      return [e.node('Mul', [means, e.floats([piecesOf(image).length], [])], means)];
    },
  };
}
