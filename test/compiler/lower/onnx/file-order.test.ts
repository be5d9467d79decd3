import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { depthFirst, leavesOf } from '../../../../src/compiler/ir/depth-first-order.ts';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import { fileOrder, readsOf } from '../../../../src/compiler/lower/onnx/file-order.ts';
import type { OnnxNode } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { emitStep } from '../../../../src/compiler/targets/onnx-train.ts';
import { temporaryFolder } from '../../../runtime/temporary-folder.ts';
import { moduleOf } from '../../../support/model-graph.ts';

const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };

/** The names of the nodes in the order in which ONNX Runtime runs them, by its own account. */
async function profiled(file: Uint8Array): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  const session = await InferenceSession.create(file, {
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    logSeverityLevel: 3,
  });
  const feeds = session.inputMetadata.map((input) => {
    const shape = input.isTensor ? input.shape.map(Number) : [];
    const size = shape.reduce((product, length) => product * length, 1);
    return [input.name, new Tensor('float32', new Float32Array(size).fill(0.5), shape)] as const;
  });
  await session.run(Object.fromEntries(feeds));
  session.endProfiling();
  await session.release();
  const [name = ''] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, name), 'utf8')) as readonly {
    readonly name: string;
  }[];
  return events.flatMap((event) => /^(.*)_kernel_time$/.exec(event.name)?.[1] ?? []);
}

const names = (nodes: readonly OnnxNode[]): readonly string[] => nodes.map(({ name }) => name);

test.each([
  ['autoencoder', {}],
  ['u-net', { size: '32', width: '4' }],
])('ONNX Runtime runs a step of %s as it is thought to', async (model, set) => {
  const { made } = emitStep(moduleOf(`models/${model}.net`, { set }), { batch: 2, provenance });
  if (made === undefined) throw new Error('there is no step');
  const { nodes } = made.model.graph;
  const reads = readsOf(nodes);
  const order = depthFirst(reads, leavesOf(reads).toReversed(), (a, b) => b - a);
  expect(await profiled(await encodeOnnx(made.model))).toEqual(order.map((at) => nodes[at]?.name));
});

const node = (name: string, ...inputs: string[]): OnnxNode => {
  return { name, owner: '', opType: 'Add', inputs, outputs: [name], attributes: {} };
};

test('what no node reads stands at the end in reverse, the rest by the longest way to it', () => {
  const nodes = [
    node('a', 'x'),
    node('b', 'a'),
    node('first', 'a'),
    node('c', 'x'),
    node('second', 'b', 'c'),
  ];
  expect(names(fileOrder(nodes))).toEqual(['a', 'c', 'b', 'second', 'first']);
});
