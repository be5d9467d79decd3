import { centreInOnnx, centreSample, type CentreAttributes } from '../../../ops/centre.ts';
import { only } from '../../../ops/named.ts';
import type { Block } from './blocks.ts';
import { milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';
import { dotStrips, elementsOfStrips, expectStrips, stripsOf } from './strips.ts';

/** Centring whose sum of squares is a convolution by channel of what is centred with itself. */
export function centreStrips(width: Block): OnnxForm<CentreAttributes> {
  return {
    name: `strips${width}`,
    op: 'centre',
    doc: `the squares summed by the blocked convolution by channel, ${width} neighbours to a block`,
    saves: ({ inputs }, { channel }) => {
      const strips = stripsOf(only(inputs).type, channel, width);
      return strips && elementsOfStrips(strips) * milliseconds.squared - 3 * milliseconds.node;
    },
    samples: [
      centreSample({ N: 2, C: 5, H: 4, W: 8 }, 'C'),
      centreSample({ A: 2, N: 3, C: 4, H: 8, W: 6 }, 'C'),
      centreSample({ C: 3, H: 16, W: 1 }, 'C'),
    ],
    onnx: (e, { inputs, inputTypes, attributes: { channel } }) => {
      const strips = expectStrips(only(inputTypes), channel, width);
      return centreInOnnx(e, only(inputs), only(inputTypes), channel, (centred) =>
        dotStrips(e, { a: centred, b: centred }, strips),
      );
    },
  };
}
