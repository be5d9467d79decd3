import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import type { OnnxGraph } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { isOpset, opsets, toOpset, type Opset } from '../../../../src/compiler/lower/onnx/opset.ts';
import { emitOnnx } from '../../../../src/compiler/targets/onnx.ts';
import { array, moduleOf } from '../../../support/model-graph.ts';
import { runOnnx } from '../../../support/onnx-runtime.ts';
import { randomNumbers } from '../../../support/random-values.ts';

const text = `language 1

block Row()(x: [N, C, W]) -> [N, C] {
  return (x |> max(over: [W])) + (x |> mean(over: [W]))
}

model Reductions() {
  input x: [N, C: 4, H: 3, W: 5]
  halves = x |> split(C, into: 2)
  rows = concat([halves[1], halves[0]], along: C) |> min(over: [H]) |> Row
  y = rows * (x |> mean(over: [H, W])) + (x |> sum(over: [H, W]))
  output y
}
`;

async function file(opset: Opset, functions = false): Promise<Uint8Array> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0' };
  const { model } = emitOnnx(moduleOf('r.net', { text }), { provenance, opset, functions });
  if (model === undefined) throw new Error('the source cannot be written as ONNX');
  return encodeOnnx(model);
}

describe('operator sets', () => {
  const inputs = new Map([['x', array({ N: 2, C: 4, H: 3, W: 5 }, new Float64Array(randomNumbers(120, 1)))]]);
  const others = Object.keys(opsets).map(Number).filter(isOpset);

  it.each(others)('%d computes what 17 does', async (opset) => {
    const bytes = await file(opset);
    const { opsetImport, irVersion } = onnxProto.onnx.ModelProto.decode(bytes);
    expect(opsetImport.map(({ version }) => Number(version))).toEqual([opset]);
    expect(Number(irVersion)).toBe(opsets[opset]);
    const expected = await runOnnx(await file(17), inputs);
    expect(await runOnnx(bytes, inputs)).toEqual(expected);
    expect(await runOnnx(await file(opset, true), inputs)).toEqual(expected);
  });
});

it('reductions inside of a branch change as those outside do', () => {
  const reduction = {
    name: 'least',
    owner: '',
    opType: 'ReduceMin',
    inputs: ['x'],
    outputs: ['least'],
    attributes: { axes: { type: 'ints', value: [0] } },
  } as const;
  const graph: OnnxGraph = {
    name: 'then',
    inputs: [],
    outputs: [],
    nodes: [reduction],
    initializers: [],
    values: [],
  };
  const attributes = { then_branch: { type: 'graph', value: graph } } as const;
  const choice = { ...reduction, opType: 'If', inputs: ['c'], outputs: ['y'], attributes };
  const model = { graph: { ...graph, nodes: [choice] }, doc: '', producerVersion: '0', metadata: new Map() };
  const later = toOpset(model, 18).graph;
  const attribute = later.nodes[0]?.attributes['then_branch'];
  const [inner] = attribute?.type === 'graph' ? attribute.value.nodes : [];
  expect(inner).toMatchObject({ inputs: ['x', 'axes_0'], attributes: {} });
  expect(later.initializers.map(({ name }) => name)).toEqual(['axes_0']);
});
