import { describe, expect, it, test } from 'vitest';
import type { OnnxGraph } from '../../../src/compiler/lower/onnx/onnx-model.ts';
import { backendCases, backendDataMissing } from './onnx-backend-data.ts';
import { translate, translated } from './onnx-backend-ops.ts';
import { expectClose } from './expect-close.ts';
import { onnxGraph } from './onnx-functions.ts';
import { physical, programOrders } from './physical.ts';
import { sampleRuns } from './sample-runs.ts';

/** The operators that are in the lowering of some op, on some sample of it. */
function emittedOperators(): ReadonlySet<string> {
  const [order] = programOrders;
  if (order === undefined) throw new Error('programs have some order');
  const graphs = sampleRuns().map((run) => onnxGraph(physical(run, 'channels-first', order)));
  return new Set(graphs.flatMap(operatorsIn));
}

function operatorsIn({ nodes }: Pick<OnnxGraph, 'nodes'>): readonly string[] {
  return nodes.flatMap(({ opType, attributes }) => [
    opType,
    ...Object.values(attributes).flatMap(({ type, value }) => (type === 'graph' ? operatorsIn(value) : [])),
  ]);
}

const skipped = backendDataMissing === undefined ? '' : ` (skipped: ${backendDataMissing})`;

describe.skipIf(backendDataMissing !== undefined)(
  `the shape rules and meanings of ops are those of ONNX' own test data${skipped}`,
  () => {
    const emitted = emittedOperators();
    const cases = backendDataMissing === undefined ? backendCases(emitted) : [];
    const told = cases.map((given) => ({ name: given.name, given, answer: translate(given) }));
    const asked = told.flatMap(({ answer, ...of }) =>
      typeof answer === 'string' ? [] : [{ ...of, answer }],
    );

    test('every operator that is emitted is told of, and no other', () => {
      const tested = new Set(cases.map(({ opType }) => opType));
      expect([...tested].filter((operator) => !translated.has(operator))).toEqual([]);
      expect([...translated].filter((operator) => !emitted.has(operator))).toEqual([]);
    });

    it('leaves out what the language has no words for', () => {
      const reasons = told.flatMap(({ given, answer }) =>
        typeof answer === 'string' ? [`${given.opType}: ${answer}`] : [],
      );
      const counts: Record<string, number> = {};
      for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
      expect({ asked: asked.length, counts }).toMatchInlineSnapshot(`
        {
          "asked": 256,
          "counts": {
            "Add: an element type that netc does not have": 1,
            "And: broadcasting of both sides, an outer product in netc": 1,
            "ArgMax: of equal maxima the last": 8,
            "Cast: an element type that netc does not have": 16,
            "Cast: rearranges or converts inside lowerings alone": 4,
            "Clip: an element type that netc does not have": 3,
            "Clip: no bound": 1,
            "ConvTranspose: netc transposes convolutions over one or two axes": 1,
            "CumSum: exclusive": 2,
            "Div: an element type that netc does not have": 1,
            "Gather: indices from the end": 1,
            "GatherND: an index of several axes": 2,
            "HardSigmoid: another slope": 3,
            "Identity: an element type that netc does not have": 1,
            "Identity: rearranges or converts inside lowerings alone": 2,
            "If: an element type that netc does not have": 1,
            "If: chooses between two lowerings of one op when a graph runs": 2,
            "Max: an element type that netc does not have": 7,
            "Max: netc computes it in f32 alone": 2,
            "Max: takes another number of tensors in netc": 2,
            "MaxPool: an element type that netc does not have": 1,
            "Min: an element type that netc does not have": 7,
            "Min: netc computes it in f32 alone": 2,
            "Min: takes another number of tensors in netc": 2,
            "Mul: an element type that netc does not have": 1,
            "Or: broadcasting of both sides, an outer product in netc": 1,
            "PRelu: a slope for each element": 1,
            "Pow: an element type that netc does not have": 2,
            "Pow: netc computes it in f32 alone": 8,
            "ReduceSum: reduces nothing": 3,
            "ReduceSumSquare: a step of lowerings alone": 8,
            "Reshape: rearranges or converts inside lowerings alone": 10,
            "Resize: asymmetric": 1,
            "Resize: by scales that leave a rest": 3,
            "Resize: cubic": 9,
            "Resize: nearest by another rounding": 4,
            "Resize: pytorch_half_pixel": 1,
            "Resize: tf_crop_and_resize": 1,
            "ScatterElements: another reduction than a sum": 3,
            "Selu: constants of its own": 2,
            "Slice: an empty slice": 1,
            "Slice: backwards": 1,
            "Split: empty pieces": 1,
            "Split: unequal pieces": 3,
            "Sub: an element type that netc does not have": 1,
            "Transpose: rearranges or converts inside lowerings alone": 7,
          },
        }
      `);
    });

    test.each(asked)('$name', ({ given, answer }) => {
      expect(answer).toHaveLength(given.outputs.length);
      answer.forEach((result, i) => {
        if (result === undefined) return;
        expect(result.dims).toEqual(given.outputs[i]?.dims);
        expectClose(result.data, given.outputs[i]?.data ?? [], 1e-5);
      });
    });
  },
);
