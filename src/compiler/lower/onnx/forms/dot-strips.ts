import { channelDotSample, type ChannelDotAttributes } from '../../../ops/channel-dot.ts';
import { named } from '../../../ops/named.ts';
import type { Block } from './blocks.ts';
import { milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';
import { dotStrips, elementsOfStrips, expectStrips, stripsOf } from './strips.ts';

/** The sums of products by channel, without the products in memory. */
export function channelDotStrips(width: Block): OnnxForm<ChannelDotAttributes> {
  return {
    name: `strips${width}`,
    op: 'channel_dot',
    doc: `the blocked convolution by channel, with one tensor as the kernel of the other, ${width} neighbours to a block`,
    saves: ({ inputs }, { channel }) => {
      const strips = stripsOf(named(inputs, ['a']).a.type, channel, width);
      return strips && elementsOfStrips(strips) * milliseconds.passed - 3 * milliseconds.node;
    },
    samples: [
      channelDotSample({ N: 2, C: 5, H: 4, W: 8 }, 'C'),
      channelDotSample({ A: 2, N: 3, C: 4, H: 8, W: 6 }, 'C'),
      channelDotSample({ C: 3, H: 16, W: 1 }, 'C'),
    ],
    onnx: (e, { inputs, inputTypes, attributes: { channel } }) => [
      dotStrips(e, named(inputs, ['a', 'b']), expectStrips(named(inputTypes, ['a']).a, channel, width)),
    ],
  };
}
