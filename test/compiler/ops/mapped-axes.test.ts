import { describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import { compile } from '../../../src/compiler/compile.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { array } from '../../support/model-graph.ts';

/** Runs a model of one input x on given numbers, with weights 1, 2, 3, ... in the order of their elements. */
function run(body: string, input: Readonly<Record<string, number>>) {
  const source = `language 1\nmodel M() {\n${body}\n}\n`;
  const { module, diagnostics } = compile('m.net', { reader: memoryReader({ 'm.net': source }) });
  expect(diagnostics).toEqual([]);
  if (module === undefined) throw new Error('no module');
  const { graph } = flatten(module, { mode: 'infer' });
  if (graph === undefined) throw new Error('no graph');
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const shape = (path: string) =>
    graph.params
      .find((param) => param.path === path)
      ?.value.type.axes.map((axis) => axis.size.value ?? NaN) ?? [];
  const weights = new Map(
    graph.params.map(({ path }) => [
      path,
      Float64Array.from({ length: count(shape(path)) }, (_, i) => i + 1),
    ]),
  );
  const x = array(
    input,
    Float64Array.from({ length: count(Object.values(input)) }, (_, i) => i + 1),
  );
  const { outputs } = interpretGraph(graph, new Map([['x', x]]), weights);
  const y = outputs.get('y');
  return {
    shape,
    axes: y?.type.axes.map(({ name, size }) => `${name}: ${size}`),
    data: [...(y?.data ?? [])],
  };
}

describe('linear', () => {
  it('makes several axes of one', () => {
    const { axes, data, shape } = run(
      'input x: [N, D: 2]\ny = x |> linear(D -> [h: 2, d: 3], bias: false)\noutput y',
      { N: 1, D: 2 },
    );
    expect(axes).toEqual(['N: 1', 'h: 2', 'd: 3']);
    expect(shape('y/weight')).toEqual([2, 3, 2]);
    // x = (1, 2); row k of the weight is (2k + 1, 2k + 2).
    expect(data).toEqual([5, 11, 17, 23, 29, 35]);
  });

  it('consumes several axes', () => {
    const { axes, data, shape } = run('input x: [N, h: 2, d: 2]\ny = x |> linear([h, d] -> D: 2)\noutput y', {
      N: 1,
      h: 2,
      d: 2,
    });
    expect(axes).toEqual(['N: 1', 'D: 2']);
    expect(shape('y/weight')).toEqual([2, 2, 2]);
    expect(data).toEqual([1 + 4 + 9 + 16 + 1, 5 + 12 + 21 + 32 + 2]);
  });

  it('drops an axis', () => {
    const { axes, data } = run('input x: [N, D: 3]\ny = x |> linear(D -> [])\noutput y', { N: 2, D: 3 });
    expect(axes).toEqual(['N: 2']);
    expect(data).toEqual([1 + 4 + 9 + 1, 4 + 10 + 18 + 1]);
  });
});

describe('conv', () => {
  it('drops the axis of channels', () => {
    const { axes, data } = run(
      'input x: [N, C: 2, H: 2]\ny = x |> conv(C -> [], over: [H: 1], bias: false)\noutput y',
      { N: 1, C: 2, H: 2 },
    );
    expect(axes).toEqual(['N: 1', 'H: 2']);
    expect(data).toEqual([1 + 6, 2 + 8]);
  });
});
