import { centreSample, type CentreAttributes } from '../../../../ops/centre.ts';
import {
  channelAffineInputs,
  channelAffineSample,
  type ChannelAffineAttributes,
} from '../../../../ops/channel-affine.ts';
import { channelDotSample, type ChannelDotAttributes } from '../../../../ops/channel-dot.ts';
import {
  chooseInOnnx,
  gainGradientInputs,
  gainGradientSample,
  type GainGradientAttributes,
} from '../../../../ops/gain-gradient.ts';
import { named, only } from '../../../../ops/named.ts';
import { constant } from '../../../../shapes/size.ts';
import type { Block } from '../blocks.ts';
import { affineByChannel } from '../by-channel.ts';
import { milliseconds } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockImage, dotInBlocks, expectBlockImage, pooledInBlocks } from './block-image.ts';

/** Scaling, adding and a relu in one pass over memory. */
export function affineOfBlocks(block: Block): OnnxForm<ChannelAffineAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'channel_affine',
    doc: `the blocked convolution by channel, on an image in blocks of ${block} channels`,
    saves: ({ inputs }, { channel, terms, relu }) => {
      const image = blockImage(named(inputs, ['x']).x.type, block, channel);
      const passes = Number(terms.includes('addend')) + Number(relu);
      const saved = passes * milliseconds.passed + (terms.includes('offset') ? milliseconds.normalised : 0);
      return image && image.elements * saved;
    },
    blocks: ({ inputs }, { terms }) => ({
      inputs: [0, ...terms.flatMap((term, i) => (term === 'addend' ? [i + 2] : []))].slice(0, inputs.length),
      outputs: [0],
    }),
    samples: [
      channelAffineSample({ N: 2, C: 32, H: 4, W: 5 }, ['offset'], true),
      channelAffineSample({ N: 3, C: 16, H: 3, W: 7 }, ['addend']),
      channelAffineSample({ N: 1, C: 48, H: 4, W: 4 }, ['offset', 'addend'], true),
      channelAffineSample({ N: 2, C: 16, H: 1, W: 3 }, []),
    ],
    onnx: (e, { inputs, inputTypes, attributes }) => {
      const image = expectBlockImage(named(inputTypes, ['x']).x, block, attributes.channel);
      return [affineByChannel(e, channelAffineInputs(inputs, attributes), image.channels, attributes.relu)];
    },
  };
}

/** The sums of products by channel, without the products in memory. */
export function dotOfBlocks(block: Block): OnnxForm<ChannelDotAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'channel_dot',
    doc: `the blocked convolution by channel, with one image as the kernel of the other, both in blocks of ${block} channels`,
    saves: ({ inputs }, { channel }) => {
      const image = blockImage(named(inputs, ['a']).a.type, block, channel);
      return image && image.elements * milliseconds.passed;
    },
    blocks: () => ({ inputs: [0, 1], outputs: [] }),
    samples: [
      channelDotSample({ N: 2, C: 32, H: 4, W: 5 }, 'C'),
      channelDotSample({ N: 1, C: 16, H: 20, W: 30 }, 'C'),
    ],
    onnx: (e, { inputs, inputTypes, attributes: { channel } }) => [
      dotInBlocks(e, named(inputs, ['a', 'b']), expectBlockImage(named(inputTypes, ['a']).a, block, channel)),
    ],
  };
}

/** Where the images must be read after all, that is done as `dotOfBlocks` does it. */
export function gainOfBlocks(block: Block): OnnxForm<GainGradientAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'gain_gradient',
    doc: `its sum of products by the blocked convolution by channel, on images in blocks of ${block} channels`,
    saves: ({ inputs }, { channel }) => {
      const { g, pieces } = gainGradientInputs(inputs);
      const image = blockImage(g.type, block, channel);
      const areImages = pieces.every(({ type }) => blockImage(type, block, channel) !== undefined);
      return image && areImages ? image.elements * milliseconds.passed : undefined;
    },
    blocks: ({ inputs }) => {
      const { g, pieces } = gainGradientInputs([...inputs.keys()]);
      return { inputs: [g, ...pieces], outputs: [] };
    },
    samples: [
      gainGradientSample({ N: 2, C: 96, H: 4, W: 5 }, [16, 48, 32]),
      gainGradientSample({ N: 1, C: 32, H: 20, W: 30 }, [32]),
    ],
    onnx: (e, node) => [
      chooseInOnnx(e, node, ([a, b], type) =>
        dotInBlocks(e, { a, b }, expectBlockImage(type, block, node.attributes.channel)),
      ),
    ],
  };
}

/** Centring, whose mean is a pool of all places and whose sum of squares a convolution of the image with itself. */
export function centreOfBlocks(block: Block): OnnxForm<CentreAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'centre',
    doc: `means by the blocked pool and squares by the blocked convolution by channel, on an image in blocks of ${block} channels`,
    saves: ({ inputs }, { channel }) => {
      const image = blockImage(only(inputs).type, block, channel);
      return image && image.elements * milliseconds.squared;
    },
    blocks: () => ({ inputs: [0], outputs: [1] }),
    samples: [
      centreSample({ N: 2, C: 32, H: 4, W: 5 }, 'C'),
      centreSample({ N: 1, C: 16, H: 20, W: 30 }, 'C'),
    ],
    onnx: (e, { inputs, inputTypes, attributes: { channel } }) => {
      const x = only(inputs);
      const image = expectBlockImage(only(inputTypes), block, channel);
      const { batch, channels, points } = image;
      const mean = pooledInBlocks(e, x, image, 'ReduceMean');
      const gain = e.floats(new Float32Array(channels).fill(1), [channels]);
      const offset = e.node('Neg', [mean], mean);
      const centred = affineByChannel(e, { x, gain, offset, addend: undefined }, channels, false);
      const squares = dotInBlocks(e, { a: centred, b: centred }, image);
      const count = e.floats([batch * points], []);
      return [mean, centred, e.node('Div', [squares, count], { dims: [constant(channels)] })];
    },
  };
}
