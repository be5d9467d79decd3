import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import type { OnnxModel } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { emitOnnx } from '../../../../src/compiler/targets/onnx.ts';
import { temporaryFolder } from '../../../runtime/temporary-folder.ts';
import { array, moduleOf } from '../../../support/model-graph.ts';
import { runOnnx } from '../../../support/onnx-runtime.ts';
import { oracleMissing } from '../../../support/oracle.ts';
import { randomNumbers } from '../../../support/random-values.ts';

const folder = await temporaryFolder();
const missing = oracleMissing('onnx');

const residual = `language 1

/// Twice a map, and back.
block Twice()(x: [N, C]) -> [N, C] {
  inner = Map()(x)
  return Map()(inner)
}

block Map()(x: [N, C]) -> [N, C] {
  return x |> linear(C -> C: C) |> relu
}

model M() {
  input x: [N, C: 6]
  first = Twice()(x)
  shared = Map()
  left = shared(first)
  y = Twice()(left + shared(left))
  output y
}
`;

function emitted(path: string, options: { readonly text?: string; readonly functions: boolean }): OnnxModel {
  const { functions, ...rest } = options;
  const set = path.includes('mair') ? { size: '32' } : {};
  const module = moduleOf(path, { ...rest, set });
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0' };
  const { model } = emitOnnx(module, { provenance, functions });
  if (model === undefined) throw new Error(`${path} cannot be written as ONNX`);
  return model;
}

describe('blocks as functions', () => {
  it('share a function where they are equal, and stay in line where they are called twice', () => {
    const { graph, functions = [] } = emitted('m.net', { text: residual, functions: true });
    expect(functions.map(({ name, doc, inputs }) => ({ name, doc, inputs }))).toEqual([
      { name: 'Map', doc: '', inputs: ['input_0', 'linear/weight', 'linear/bias'] },
      {
        name: 'Twice',
        doc: ' Twice a map, and back.'.trim(),
        inputs: [
          'input_0',
          'inner/linear/weight',
          'inner/linear/bias',
          'Map/linear/weight',
          'Map/linear/bias',
        ],
      },
    ]);
    expect(functions[1]?.nodes.map(({ opType }) => opType)).toEqual(['Map', 'Map']);
    const calls = graph.nodes.filter(({ domain }) => domain !== undefined);
    expect(calls.map(({ name, opType }) => `${name}: ${opType}`)).toEqual(['first: Twice', 'y: Twice']);
    // Both calls of the shared instance.
    expect(graph.nodes.filter(({ opType }) => opType === 'Relu')).toHaveLength(2);
  });

  it.each([
    ['m.net', { x: { N: 3, C: 6 } }],
    ['models/mair-small.net', { image: { N: 2, C: 3, H: 32, W: 32 } }],
  ] as const)('compute what they computed: %s', async (path, shapes) => {
    const text = path === 'm.net' ? { text: residual } : {};
    const inputs = new Map(
      Object.entries<Readonly<Record<string, number>>>(shapes).map(([name, sizes]) => {
        const count = Object.values(sizes).reduce((product, size) => product * size, 1);
        return [name, array(sizes, new Float64Array(randomNumbers(count, 1)))] as const;
      }),
    );
    const [plain, grouped] = await Promise.all(
      [false, true].map(async (functions) =>
        runOnnx(await encodeOnnx(emitted(path, { ...text, functions })), inputs),
      ),
    );
    for (const [name, { data }] of plain ?? []) {
      const found = grouped?.get(name)?.data ?? new Float32Array();
      expect(found.length).toBe(data.length);
      data.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
    }
  });

  it.skipIf(missing !== undefined)(
    "are what the format's own checker takes (needs Debian's python3-onnx)",
    async () => {
      for (const [i, path] of ['models/mair-small.net', 'models/resnet50.net', 'models/mlp.net'].entries()) {
        const file = join(folder, `${i}.onnx`);
        await writeFile(file, await encodeOnnx(emitted(path, { functions: true })));
        const code = 'import onnx, sys\nonnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
        execFileSync('/usr/bin/python3', ['-c', code, file]);
      }
    },
  );
});
