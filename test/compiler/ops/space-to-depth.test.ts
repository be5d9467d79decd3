import { describe, expect, test } from 'vitest';
import { arrange, concrete, elementCount, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { graphOf, moduleOf } from '../../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';

/** What an op makes of the numbers 0, 1, 2, ... in a tensor of this shape. */
function result(op: string, sizes: Readonly<Record<string, number>>): NdArray {
  const axes = Object.entries(sizes).map(([name, size]) => `${name}: ${size}`);
  const text = `language 1\nmodel M() {\n  input x: [${axes.join(', ')}]\n  output y = x |> ${op}\n}\n`;
  const graph = graphOf(moduleOf('m.net', { text }), { mode: 'infer' });
  const { outputs } = interpretGraph(graph, new Map([['x', counting(sizes)]]), new Map());
  const y = outputs.get('y');
  if (y === undefined) throw new Error('there is no output');
  return y;
}

function counting(sizes: Readonly<Record<string, number>>): NdArray {
  const type = concrete(sizes);
  return { type, data: Float64Array.from({ length: elementCount(type) }, (_, i) => i) };
}

const down = 'space_to_depth(C, over: [H: 2, W: 3])';
const up = 'depth_to_space(C, over: [H: 2, W: 3])';

describe('space_to_depth', () => {
  test('puts place (i, j) of a block of channel c into channel (c h + i) w + j', () => {
    const { type, data } = result(down, { C: 2, H: 2, W: 3 });
    expect(type).toEqual(concrete({ C: 12, H: 1, W: 1 }));
    expect([...data]).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  test('is undone by depth_to_space', () => {
    const sizes = { N: 2, C: 3, H: 4, W: 9 };
    const there = result(`${down} |> ${up}`, sizes);
    expect(arrange(there, concrete(sizes))).toEqual(counting(sizes));
  });

  test('works along one axis, and for signals', () => {
    const { type, data } = result('space_to_depth(C, over: [T: 2])', { C: 2, T: 4 });
    expect(type).toEqual(concrete({ C: 4, T: 2 }));
    expect([...data]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  });
});

const missing = oracleMissing('torch');
const cases = [
  { op: 'pixel_unshuffle', ours: 'space_to_depth', sizes: { N: 2, C: 3, H: 4, W: 6 } },
  { op: 'pixel_shuffle', ours: 'depth_to_space', sizes: { N: 2, C: 12, H: 2, W: 3 } },
] as const;

describe.skipIf(missing !== undefined)(
  `beside PyTorch${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test.each(cases)('$ours is $op', async ({ op, ours, sizes }) => {
      const x = counting(sizes);
      const axes = Object.keys(sizes);
      const asked = { op, attributes: { factor: 2 }, inputs: [{ dtype: 'f32', axes }], outputs: [axes] };
      const shape = Object.values(sizes);
      const data = Float64Array.from(x.data);
      const answered = await askOracle(
        'ops',
        { cases: [asked] },
        new Map([['0/0', { dtype: 'F64', shape, data }]]),
      );
      const y = result(`${ours}(C, over: [H: 2, W: 2])`, sizes);
      expect(y.type.axes.map(({ size }) => size)).toEqual(answered.tensors.get('0/0')?.shape);
      expect([...y.data]).toEqual([...numbersOf(answered, '0/0')]);
    });
  },
);
