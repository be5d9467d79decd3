import {
  chooseInOnnx,
  gainGradientInputs,
  gainGradientSample,
  type GainGradientAttributes,
} from '../../../ops/gain-gradient.ts';
import type { Block } from './blocks.ts';
import { milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';
import { dotStrips, elementsOfStrips, expectStrips, stripsOf } from './strips.ts';

/** Where the images must be read after all, that is done as `channelDotStrips` does it. */
export function gainGradientStrips(width: Block): OnnxForm<GainGradientAttributes> {
  return {
    name: `strips${width}`,
    op: 'gain_gradient',
    doc: `its sum of products by the blocked convolution by channel, ${width} neighbours to a block`,
    saves: ({ inputs }, { channel }) => {
      const strips = stripsOf(gainGradientInputs(inputs).g.type, channel, width);
      return strips && elementsOfStrips(strips) * milliseconds.passed - 3 * milliseconds.node;
    },
    samples: [
      gainGradientSample({ N: 2, C: 6, H: 4, W: 8 }, [1, 3, 2]),
      gainGradientSample({ N: 3, C: 4, H: 8, W: 6 }, [4]),
    ],
    onnx: (e, node) => [
      chooseInOnnx(e, node, ([a, b], type) =>
        dotStrips(e, { a, b }, expectStrips(type, node.attributes.channel, width)),
      ),
    ],
  };
}
