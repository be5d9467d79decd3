import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import { executionOrder, fileOrder } from '../../../../src/compiler/lower/onnx/file-order.ts';
import type { OnnxGraph, OnnxNode } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';
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
  // What runs inside of a node is no node of the file.
  const isOfFile = new Set(names(nodes));
  const ran = (await profiled(await encodeOnnx(made.model))).filter((name) => isOfFile.has(name));
  expect(ran).toEqual(names(executionOrder(nodes)));
});

const node = (name: string, ...inputs: string[]): OnnxNode => {
  return { name, owner: '', opType: 'Add', inputs, outputs: [name], attributes: {} };
};

/** A graph of these nodes, of which each makes as many elements as is said, or one. */
function graphOf(nodes: readonly OnnxNode[], sizes: Readonly<Record<string, number>> = {}): OnnxGraph {
  const values = nodes.map(({ name }) => ({
    name,
    dtype: 'f32' as const,
    dims: [constant(sizes[name] ?? 1)],
  }));
  return { name: 'Test', inputs: [], outputs: [], nodes, initializers: [], values };
}

test('what no node reads stands at the end in reverse, the rest by the longest way to it', () => {
  const nodes = [
    node('a', 'x'),
    node('b', 'a'),
    node('first', 'a'),
    node('c', 'x'),
    node('second', 'b', 'c'),
  ];
  expect(names(fileOrder(graphOf(nodes)))).toEqual(['a', 'c', 'b', 'second', 'first']);
});

/** A choice, one branch of which makes something of a tensor of the graph around it. */
function choice(name: string, condition: string, read: string): OnnxNode {
  const inside = [node(`${name}/inside`, read), node(`${name}/end`, `${name}/inside`)];
  const attributes = { then_branch: { type: 'graph', value: graphOf(inside) } } as const;
  return { ...node(name, condition), opType: 'If', attributes };
}

test('what a branch reads is there before the choice, and its life may end with it', () => {
  const chain = Array.from({ length: 50 }, (_, i) => node(`chain${i}`, i === 0 ? 'large' : `chain${i - 1}`));
  const nodes = [node('large', 'x'), choice('sum', 'x', 'large'), ...chain, node('packed', 'sum', 'chain49')];
  const ordered = fileOrder(graphOf(nodes, { large: 100_000 }));
  expect(names(executionOrder(ordered)).slice(0, 3)).toEqual(['large', 'sum', 'sum/Now']);
});

test('a sum that is read much later gets a reader of its own, and runs in its turn', () => {
  const chain = Array.from({ length: 50 }, (_, i) => node(`chain${i}`, i === 0 ? 'large' : `chain${i - 1}`));
  const nodes = [node('large', 'x'), node('sum', 'large'), ...chain, node('packed', 'sum', 'chain49')];
  const small = fileOrder(graphOf(nodes, { large: 100 }));
  expect(names(executionOrder(small)).indexOf('sum')).toBe(51);
  const ordered = fileOrder(graphOf(nodes, { large: 100_000 }));
  expect(names(ordered)).toContain('sum/Now');
  expect(names(executionOrder(ordered)).slice(0, 3)).toEqual(['large', 'sum', 'sum/Now']);
  expect(names(executionOrder(ordered)).at(-1)).toBe('packed');
});
