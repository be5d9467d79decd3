import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { interpretGraph } from '../../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../../src/compiler/ir/graph.ts';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import { lowerOnnx } from '../../../../src/compiler/lower/onnx/lower-onnx.ts';
import type { OnnxModel } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { fixSizes } from '../../../../src/compiler/passes/fix-sizes.ts';
import { freeze } from '../../../../src/compiler/passes/freeze.ts';
import { layout } from '../../../../src/compiler/passes/layout.ts';
import { runPasses } from '../../../../src/compiler/passes/pass.ts';
import { inferencePasses } from '../../../../src/compiler/passes/pipelines.ts';
import {
  add,
  constant,
  floorDiv,
  mul,
  print,
  scale,
  type Size,
} from '../../../../src/compiler/shapes/size.ts';
import { GraphBuilder } from '../../../support/graph-builder.ts';
import { runOnnx } from '../../../support/onnx-runtime.ts';
import { randomInputs, randomWeights, relativeDifference } from '../../../support/random-values.ts';

const provenance = { sourceSha256: 'abc', languageVersion: '1', compilerVersion: '0.1.0', docs: ['A test.'] };

function modelOf(graph: Graph): OnnxModel {
  const weights = randomWeights(graph);
  const frozen = freeze(runPasses(graph, inferencePasses), weights);
  const { model, diagnostics } = lowerOnnx(
    layout(frozen.graph, 'channels-first'),
    frozen.weights,
    provenance,
  );
  expect(diagnostics).toEqual([]);
  if (model === undefined) throw new Error('the graph was not lowered');
  return model;
}

/** Holds that ONNX Runtime computes with the lowered graph what the interpreter does with the original. */
async function expectRuns(graph: Graph, batches = [1, 7]): Promise<OnnxModel> {
  const model = modelOf(graph);
  const file = await encodeOnnx(model);
  files.push(file);
  for (const batch of batches) {
    const inputs = randomInputs(graph, batch);
    const expected = interpretGraph(graph, inputs, randomWeights(graph)).outputs;
    const actual = await runOnnx(file, inputs);
    for (const [name, { type, data }] of expected) {
      expect(actual.get(name)?.dims, name).toEqual(type.axes.map(({ size }) => size));
      expect(relativeDifference(actual.get(name)?.data ?? [], data), name).toBeLessThan(1e-5);
    }
  }
  return model;
}

/** All files that tests made, for the format's own checker. */
const files: Uint8Array[] = [];

const opTypes = (model: OnnxModel): readonly string[] => model.graph.nodes.map(({ opType }) => opType);

test('a linear map and its activation', async () => {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 5 });
  const product = b.op('contract', [x, b.weight('fc/weight', { K: 3, '.in': 5 })], { over: [{ left: 'C', right: '.in' }] }, 'fc'); // prettier-ignore
  const y = b.op('relu', [b.op('add', [product, b.weight('fc/bias', { K: 3 })], {}, 'fc')], {}, 'relu');
  const model = await expectRuns(b.output('logits', y, ['a', 'b', 'c']).build('Mlp'));
  expect(model.graph.nodes.map(({ name }) => name)).toEqual(['fc/MatMul', 'fc/Add', 'relu/Relu']);
  expect(model.graph.initializers.map(({ name }) => name)).toEqual(['fc/weight', 'fc/bias']);
  expect(model.graph.values.map(({ name, dims }) => [name, dims.map((size) => print(size))])).toEqual([
    ['fc/MatMul', ['N', '3']],
    ['fc/Add', ['N', '3']],
  ]);
  expect(model.metadata.get('labels')).toBe('{"logits":["a","b","c"]}');
});

describe('outputs', () => {
  test('keep their declared order, whatever the order of the program', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2, H: 3 });
    const y = b.op('relu', [x]);
    const reversed = { ...y, type: { ...y.type, axes: y.type.axes.toReversed() } };
    const model = await expectRuns(b.output('y', y).output('reversed', reversed).build());
    expect(opTypes(model)).toEqual(['Relu', 'Transpose']);
  });

  test('may be an input, a parameter, or one value twice', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2 });
    const y = b.op('relu', [x]);
    const graph = b.output('same', x).output('w', b.weight('f/w', { C: 2 })).output('y', y).output('again', y).build(); // prettier-ignore
    const model = await expectRuns(graph);
    expect(opTypes(model)).toEqual(['Relu', 'Identity', 'Identity', 'Identity']);
  });

  test('may be an input under its own name', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2 });
    const model = await expectRuns(
      b
        .output('x', x)
        .output('y', b.op('relu', [x]))
        .build(),
    );
    expect(opTypes(model)).toEqual(['Relu']);
  });

  test('that share their name with a node or parameter still have it', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2 });
    const y = b.op('mul', [b.op('relu', [x], {}, ''), b.weight('Mul', { C: 2 })], {}, '');
    const model = await expectRuns(b.output('Relu', y).build());
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['Relu']);
    expect(model.graph.nodes.map(({ name }) => name)).toEqual(['Relu_2', 'Mul_2']);
  });
});

describe('sizes that are known only when the graph runs', () => {
  const merged = (
    b: GraphBuilder,
    sizes: (n: Size) => Readonly<Record<string, Size | number>>,
    from: readonly string[],
  ) => b.op('merge', [b.input('x', sizes(b.dynamic('N')))], { from, to: 'M' });

  test('one of them in a reshape is -1, unchanged ones are 0', async () => {
    const b = new GraphBuilder();
    const model = await expectRuns(
      b.output('y', b.op('relu', [merged(b, (n) => ({ N: n, T: 3, C: 2 }), ['N', 'T'])])).build(),
    );
    expect(opTypes(model)).toEqual(['Reshape', 'Relu']);
    expect(model.graph.initializers.map(({ name }) => name)).toEqual(['ints/-1,2']);
  });

  test('several are computed', async () => {
    const b = new GraphBuilder();
    const n = b.dynamic('N');
    const x = b.input('x', { N: n, C: 2 });
    const half = floorDiv(add(n, constant(5)), constant(2));
    const sizes: Readonly<Record<string, Size>> = {
      A: half,
      B: add(mul(n, n), scale(half, 3)),
      D: floorDiv(mul(n, half), constant(4)),
      E: add(constant(20), floorDiv(add(scale(n, -5), constant(1)), constant(3))),
    };
    const over = Object.entries(sizes).map(([axis, size]) => ({ axis, size }));
    const y = b.op('expand', [x], { over });
    await expectRuns(b.output('y', y).build(), [2, 3, 7]);
  });

  test('are not computed for a resize of axes whose lengths are numbers', async () => {
    const resized = (from: number, to: number, mode: 'bilinear' | 'nearest'): Graph => {
      const b = new GraphBuilder();
      const x = b.input('x', { N: b.dynamic('N'), C: 2, H: from, W: 4 });
      const over = [
        { axis: 'H', size: constant(to) },
        { axis: 'W', size: constant(8) },
      ];
      return b.output('y', b.op('resize', [x], { over, mode, corners: 'half_pixel' }, 'y')).build();
    };
    const enlarged = await expectRuns(resized(3, 7, 'bilinear'));
    expect(opTypes(enlarged)).toEqual(['Resize']);
    expect(enlarged.graph.nodes[0]?.inputs).toEqual(['x', '', 'y/constant']);
    expect(opTypes(await expectRuns(resized(12, 6, 'bilinear')))).toEqual(['Resize']);
    expect(opTypes(await expectRuns(resized(5, 10, 'nearest')))).toEqual(['Resize']);
    // 7 times the float32 that is nearest to 31 / 7 is less than 31.
    expect(opTypes(await expectRuns(resized(7, 31, 'bilinear')))).toEqual(['Shape', 'Concat', 'Resize']);
  });

  test('are not computed where an expansion leaves them', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2 });
    const over = [{ axis: 'H', size: constant(3) }];
    const model = await expectRuns(b.output('y', b.op('relu', [b.op('expand', [x], { over })])).build());
    expect(opTypes(model)).toEqual(['Reshape', 'Expand', 'Relu']);
  });

  test('are read off an input through `2 * N + 3`', async () => {
    const b = new GraphBuilder();
    const n = b.dynamic('N');
    const x = b.input('x', { T: add(scale(n, 2), constant(3)) });
    const y = b.op('expand', [x], { over: [{ axis: 'N', size: n }] });
    await expectRuns(b.output('y', y).build(), [1, 5]);
  });

  test('can be fixed', async () => {
    const b = new GraphBuilder();
    const n = b.dynamic('N');
    const x = b.input('x', { N: n, C: 2 });
    const graph = b.output('y', b.op('expand', [x], { over: [{ axis: 'M', size: n }] })).build();
    const [v] = graph.dynamic;
    if (v === undefined) throw new Error('N is dynamic');
    const model = await expectRuns(fixSizes(graph, new Map([[v, 4]])));
    expect(model.graph.inputs[0]?.dims.map(({ value }) => value)).toEqual([4, 2]);
    expect(opTypes(model).at(-1)).toBe('Expand');
  });

  test('where an op needs a number, the target says so', () => {
    const b = new GraphBuilder();
    const n = b.dynamic('N');
    const one = constant(1);
    const window = {
      axis: 'T',
      kernel: n,
      stride: n,
      dilation: one,
      before: constant(0),
      after: constant(0),
    };
    const y = b.op('max_pool', [b.input('x', { C: 2, T: scale(n, 3) })], { windows: [window] });
    const { model, diagnostics } = lowerOnnx(
      layout(b.output('y', y).build(), 'channels-first'),
      new Map(),
      provenance,
    );
    expect(model).toBeUndefined();
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      [
        'N7001',
        'the onnx target cannot take `max_pool` here: it needs the number N, which is known only when the graph runs',
      ],
    ]);
  });
});

describe('parameters', () => {
  test('are stored in the order and shape in which they are read', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2, H: 3 });
    const map = b.weight('f/map', { H: 3, C: 2 });
    const bias = b.weight('f/bias', { C: 2 });
    const model = await expectRuns(b.output('y', b.op('add', [b.op('mul', [x, map]), bias])).build());
    expect(opTypes(model)).toEqual(['Mul', 'Add']);
    expect(model.graph.initializers.map(({ name, dims }) => [name, dims])).toEqual([
      ['f/map', [2, 3]],
      ['f/bias', [2, 1]],
    ]);
  });

  test('that are read in two forms are stored in both', async () => {
    const b = new GraphBuilder();
    const bias = b.weight('f/bias', { C: 2 });
    const image = b.op('add', [b.input('x', { N: b.dynamic('N'), C: 2, H: 3 }), bias]);
    const vector = b.op('add', [b.op('mean', [image], { over: ['H'] }), bias]);
    const model = await expectRuns(b.output('y', image).output('z', vector).build());
    expect(model.graph.initializers.map(({ name }) => name).filter((name) => name.startsWith('f'))).toEqual([
      'f/bias',
      'f/bias/reshaped/2x1',
    ]);
  });
});

test('equal graphs give equal bytes', async () => {
  const graph = (): Graph => {
    const b = new GraphBuilder();
    const x = b.input('x', { N: b.dynamic('N'), C: 2 }, { mean: [0.5, 0.25], std: [1, 2] });
    return b.output('y', b.op('sigmoid', [b.op('mul', [x, b.weight('w', { C: 2 })])])).build();
  };
  expect(await encodeOnnx(modelOf(graph()))).toEqual(await encodeOnnx(modelOf(graph())));
});

test('a file says where it comes from, how its input is prepared, and what it is not', () => {
  const b = new GraphBuilder();
  const x = b.input(
    'image',
    { N: b.dynamic('N'), C: 3, H: 2, W: 2 },
    { mean: [0.5, 0.25, 0], std: [1, 2, 3] },
  );
  const model = modelOf(b.output('y', b.op('relu', [x])).build());
  expect(Object.fromEntries(model.metadata)).toMatchObject({
    source_sha256: 'abc',
    netc_language: '1',
    netc_version: '0.1.0',
    preprocessing: '{"image":{"layout":"NCHW","range":[0,1],"mean":[0.5,0.25,0],"std":[1,2,3]}}',
  });
  expect(model.metadata.get('note')).toContain('Not a medical device');
  expect(model.doc).toContain('A test.');
});

const python = '/usr/bin/python3';
const hasChecker = spawnSync(python, ['-c', 'import onnx']).status === 0;

// With full_check it infers every shape by itself and compares it with `value_info`.
test.skipIf(!hasChecker)(
  "the format's own checker accepts all of these files (needs Debian's python3-onnx)",
  () => {
    expect(files.length).toBeGreaterThan(5);
    const folder = mkdtempSync(join(tmpdir(), 'netc-test-'));
    try {
      const paths = files.map((_, i) => join(folder, `${i}.onnx`));
      paths.forEach((path, i) => writeFileSync(path, files[i] ?? new Uint8Array()));
      const program =
        'import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(onnx.load(path), full_check=True)';
      execFileSync(python, ['-c', program, ...paths], { stdio: 'pipe' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
