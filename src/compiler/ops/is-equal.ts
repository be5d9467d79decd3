import type { NoAttributes } from './attributes.ts';
import { castTo } from './cast.ts';
import { equal } from './compare.ts';
import type { Op } from './op.ts';

/**
 * A comparison whose result is of f32, as masks of gradients are: so it may lie in memory in any order that what it compares
 * does, where a tensor of bool may not.
 */
export const isEqual: Op<NoAttributes> = {
  name: 'is_equal',
  doc: '1 where a = b, 0 elsewhere',
  infer: (inputs, attributes, ctx) =>
    equal.infer(inputs, attributes, ctx)?.map((type) => ({ ...type, dtype: 'f32' })),
  evaluate: (inputs, attributes, outputs) => equal.evaluate(inputs, attributes, outputs),
  isElementwise: true,
  onnx: (e, node) => {
    const inputTypes = node.outputTypes.map((type) => ({ ...type, dtype: 'bool' as const }));
    const inputs = equal.onnx(e, { ...node, outputTypes: inputTypes });
    return castTo.onnx(e, { ...node, inputs, inputTypes, attributes: { to: 'f32' } });
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs, attributes, outputs) => equal.flops(inputs, attributes, outputs),
  samples: equal.samples,
};
