import { expect, test } from 'vitest';
import type { Graph, GraphNode } from '../../../src/compiler/ir/graph.ts';
import { assertWellFormed, verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { constant, freshVar, variable } from '../../../src/compiler/shapes/size.ts';
import { axesOf, GraphBuilder } from '../../support/graph-builder.ts';

function wellFormed(): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', { N: b.dynamic('N'), C: 3 });
  const seen = b.state('seen', { C: 3 });
  const y = b.op('relu', [b.op('mul', [x, b.weight('w', { C: 3 })])]);
  return b
    .output('y', y)
    .update('seen', b.op('exp', [seen]))
    .block('f', 'F', y)
    .build();
}

/** The graph with its second node changed. */
function withRelu(change: (node: GraphNode) => GraphNode): Graph {
  const graph = wellFormed();
  return { ...graph, nodes: graph.nodes.map((node) => (node.op === 'relu' ? change(node) : node)) };
}

test('a well-formed graph has no problems', () => {
  expect(verifyGraph(wellFormed())).toEqual([]);
});

test('each value is defined once, before it is read', () => {
  const graph = wellFormed();
  expect(verifyGraph({ ...graph, nodes: graph.nodes.toReversed() })).toContain(
    'relu: relu: %3 is read before it is defined',
  );
  expect(verifyGraph({ ...graph, nodes: [...graph.nodes, ...graph.nodes.slice(0, 1)] })).toEqual([
    'mul: mul: %3 is defined twice',
  ]);
  expect(verifyGraph({ ...graph, nodes: [] })).toContain('output y: %4 is read before it is defined');
});

test('types are those of the shape rule, in any order of axes', () => {
  const reversed = withRelu((node) => ({
    ...node,
    outputs: node.outputs.map((value) => ({
      ...value,
      type: { ...value.type, axes: value.type.axes.toReversed() },
    })),
  }));
  expect(verifyGraph(reversed)).toEqual([]);
  const wrong = withRelu((node) => ({
    ...node,
    outputs: node.outputs.map((value) => ({ ...value, type: { ...value.type, axes: axesOf({ C: 4 }) } })),
  }));
  expect(verifyGraph(wrong)[0]).toBe('relu: relu: output 0 is [C: 4], its shape rule gives [N, C: 3]');
});

test('ops exist, and their shape rules accept their inputs', () => {
  expect(verifyGraph(withRelu((node) => ({ ...node, op: 'rely' })))).toEqual([
    'relu: rely: there is no such op',
  ]);
  const unbounded = verifyGraph(
    withRelu((node) => ({ ...node, op: 'clamp', attributes: { min: undefined, max: undefined } })),
  );
  expect(unbounded).toHaveLength(2);
  expect(unbounded[0]).toContain('clamp');
});

test('sizes are over the dynamic sizes of the graph, and parameters over none', () => {
  const stray = variable(freshVar('M'));
  const graph = wellFormed();
  expect(verifyGraph({ ...graph, dynamic: [] })).toContain(
    'input x: the size N is not a dynamic size of the graph',
  );
  expect(verifyGraph(withRelu((node) => ({ ...node, attributes: { over: [{ size: stray }] } })))).toEqual([
    'relu: relu: the size M is not a dynamic size of the graph',
  ]);
  const [n] = graph.dynamic;
  if (n === undefined) throw new Error('N is dynamic');
  const b = new GraphBuilder();
  const grows = { ...b.output('y', b.weight('w', { N: variable(n) })).build(), dynamic: [n] };
  expect(verifyGraph(grows)).toEqual(['parameter w: axis N depends on a dynamic size']);
});

test('a parameter is replaced by a value of its shape', () => {
  const graph = wellFormed();
  const [y] = graph.outputs;
  if (y === undefined) throw new Error('y is an output');
  expect(verifyGraph({ ...graph, updates: [{ path: 'v', value: y.value }] })).toEqual([
    'update of v: there is no such parameter',
  ]);
  expect(verifyGraph({ ...graph, updates: [{ path: 'seen', value: y.value }] })).toEqual([
    'update of seen: it is [N, C: 3], the parameter is [C: 3]',
  ]);
});

test('names are unique', () => {
  const graph = wellFormed();
  const twice = { ...graph, outputs: [...graph.outputs, ...graph.outputs] };
  expect(verifyGraph(twice)).toEqual(['outputs: y appears twice']);
});

test('a graph that is not well-formed stops the compiler', () => {
  expect(() => assertWellFormed({ ...wellFormed(), nodes: [] }, 'dead-code')).toThrow(
    'Test is not well-formed after dead-code',
  );
});

test('requirements over dynamic sizes count as proved unless every sample refutes them', () => {
  const b = new GraphBuilder();
  const n = b.dynamic('N');
  const parts = b.ops('split', [b.input('x', { N: n })], { axis: 'N', into: constant(1) });
  const graph = b.output('y', parts[0] ?? b.number(0)).build();
  expect(verifyGraph(graph)).toEqual([]);
});
