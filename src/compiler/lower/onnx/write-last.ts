import { leavesOf } from '../../ir/depth-first-order.ts';
import type { OnnxTensor } from './emitter.ts';
import { readsOf } from './file-order.ts';
import { nextName } from './lower-onnx.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx-model.ts';

/** The name of the output that may be written over a parameter while the graph runs. */
export function overName(path: string): string {
  return `next.over/${path}`;
}

/**
 * The same step, which hands over the new values of parameters when all else has been computed, and not before: as outputs `overName`
 * in place of `nextName`. Whoever runs it may have them written over the old ones, and needs no memory for both: they are made
 * where the backward pass has left room.
 *
 * Each passes through a `Reshape`, which moves it as it is to where the output shall be. Its shape, zeros for lengths that
 * stay, comes of the sizes of all that no other node reads: so it is there when they are, and with them whatever was to be
 * read. A runtime that put a number in the place of a size it knows beforehand would lose this order; ONNX Runtime 1.30 does so at no
 * level of optimisation. A value that is one of the inputs under another name stays an output `nextName`: what it is might be written
 * over before it is moved.
 *
 * @param graph with its nodes in the order of the file, see `fileOrder`
 */
export function writeLast(graph: OnnxGraph): OnnxGraph {
  const { nodes, outputs } = graph;
  const makers = new Map(nodes.flatMap((each) => each.outputs.map((name) => [name, each] as const)));
  const isNew = ({ name }: OnnxTensor): boolean => name.startsWith(nextName('')) && isMade(name, makers);
  // In the order in which they run.
  const leaves = leavesOf(readsOf(nodes)).toReversed();
  const results = leaves.flatMap((at) => nodes[at]?.outputs.slice(0, 1) ?? []);
  const sizes = results.map((result, i) => node('Size', `last.size.${i}`, [result]));
  // One behind the other, and each behind all sizes in the file: so they go on running in this order.
  const zeros = sizes.map(({ name }, i) => {
    const before = i === 0 ? zero.name : `last.zero.${i - 1}`;
    return node('Min', `last.zero.${i}`, [before, name]);
  });
  const last = zeros.at(-1)?.name ?? zero.name;
  const ranks = [...new Set(outputs.filter(isNew).map(({ dims }) => dims.length))];
  const shapes = ranks.map((rank) => node('Expand', `last.shape.${rank}`, [last, `last.rank.${rank}`]));
  const named = outputs.map((output) => {
    if (!isNew(output)) return { output, moves: [] };
    const name = overName(output.name.slice(nextName('').length));
    const move = node('Reshape', name, [output.name, `last.shape.${output.dims.length}`]);
    return { output: { ...output, name }, moves: [move] };
  });
  return {
    ...graph,
    nodes: [...nodes, ...sizes, ...zeros, ...shapes, ...named.flatMap(({ moves }) => moves)],
    outputs: named.map(({ output }) => output),
    values: [...graph.values, ...outputs.filter(isNew)],
    initializers: [
      ...graph.initializers,
      zero,
      ...ranks.map((rank) => int64(`last.rank.${rank}`, [1], rank)),
    ],
  };
}

/** Operators that may hand on the memory of their first input. */
const views: ReadonlySet<string> = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);

/** Whether a tensor has memory of its own, and not that of something which the graph is given. */
function isMade(name: string, makers: ReadonlyMap<string, OnnxNode>): boolean {
  const maker = makers.get(name);
  if (maker === undefined) return false;
  return !views.has(maker.opType) || isMade(maker.inputs[0] ?? '', makers);
}

// No name that a source can give holds a dot.
const zero = int64('last.none', [], 0);

function int64(name: string, dims: readonly number[], value: number): OnnxInitializer {
  return { name, dims, data: { dtype: 'int64', values: [value] } };
}

function node(opType: string, name: string, inputs: readonly string[]): OnnxNode {
  return { name, owner: '', opType, inputs, outputs: [name], attributes: {} };
}
