import {
  channelAffineInputs,
  channelAffineSample,
  type ChannelAffineAttributes,
} from '../../../ops/channel-affine.ts';
import { named } from '../../../ops/named.ts';
import type { Block } from './blocks.ts';
import { milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';
import { elementsOfStrips, expectStrips, scaleStrips, stripsOf } from './strips.ts';

/** Scaling, adding and a relu in one pass over memory. */
export function affineStrips(width: Block): OnnxForm<ChannelAffineAttributes> {
  return {
    name: `strips${width}`,
    op: 'channel_affine',
    doc: `the blocked convolution by channel, on the tensor as it lies in memory, ${width} neighbours to a block`,
    saves: ({ inputs }, { channel, terms, relu }) => {
      const strips = stripsOf(named(inputs, ['x']).x.type, channel, width);
      if (strips === undefined) return undefined;
      const passes = Number(terms.includes('addend')) + Number(relu);
      // The gain alone is one pass without strips, too.
      const saved = passes * milliseconds.passed + (terms.includes('offset') ? milliseconds.normalised : 0);
      return elementsOfStrips(strips) * saved - 4 * milliseconds.node;
    },
    samples: [
      channelAffineSample({ N: 2, C: 5, H: 4, W: 8 }, ['offset'], true),
      channelAffineSample({ N: 3, C: 4, H: 8, W: 6 }, ['addend']),
      channelAffineSample({ A: 2, N: 2, C: 3, H: 4, W: 4 }, ['offset', 'addend'], true),
      channelAffineSample({ C: 16, H: 16, W: 1 }, []),
    ],
    onnx: (e, { inputs, inputTypes, attributes }) => {
      const strips = expectStrips(named(inputTypes, ['x']).x, attributes.channel, width);
      return [scaleStrips(e, channelAffineInputs(inputs, attributes), strips, attributes.relu)];
    },
  };
}
