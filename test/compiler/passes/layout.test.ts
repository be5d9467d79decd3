import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import type { PhysicalGraph } from '../../../src/compiler/ir/physical.ts';
import { axisNames } from '../../../src/compiler/ir/tensor-type.ts';
import { verifyPhysical } from '../../../src/compiler/passes/verify-physical.ts';
import type { Dialect } from '../../../src/compiler/ops/op.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { conv, linear } from '../../support/layers.ts';

function laidOut(graph: Graph, dialect: Dialect = 'channels-first'): PhysicalGraph {
  const physical = layout(graph, dialect);
  expect(verifyPhysical(physical)).toEqual([]);
  return physical;
}

const transposes = ({ nodes }: PhysicalGraph): readonly string[] =>
  nodes.flatMap((node) =>
    node.kind === 'transpose'
      ? [`${axisNames(node.input.type).join('')} -> ${axisNames(node.output.type).join('')}`]
      : [],
  );

/** Coordinate gates: a linear map of the channels of rows, multiplied to the image it came from. */
function gated(b: GraphBuilder): Graph {
  const x = b.input('x', { N: b.dynamic('N'), C: 8, H: 5, W: 4 });
  const y = conv(b, x, 'conv', { out: 8 });
  const squeezed = b.op('relu', [linear(b, b.op('mean', [y], { over: ['W'] }), 'squeeze', 'C', 'C', 2)]);
  const gate = b.op('sigmoid', [linear(b, squeezed, 'gate', 'C', 'C', 8)]);
  return b.output('y', b.op('mul', [y, gate])).build();
}

test('images, rows and their gates need no transpose in ONNX', () => {
  expect(transposes(laidOut(gated(new GraphBuilder())))).toEqual([]);
});

test('where channels come last, only the declared input and output are transposed', () => {
  expect(transposes(laidOut(gated(new GraphBuilder()), 'channels-last'))).toEqual([
    'NCHW -> NHWC',
    'NHWC -> NCHW',
  ]);
});

describe('parameters', () => {
  test('are stored as they are read, beside the order of checkpoints', () => {
    const physical = laidOut(gated(new GraphBuilder()), 'channels-last');
    const orders = physical.params.map(({ param, value }) => [
      param.path,
      axisNames(param.value.type).join(),
      axisNames(value.type).join(),
    ]);
    expect(orders.slice(0, 3)).toEqual([
      ['conv/weight', '.out,.in,.H,.W', '.H,.W,.in,.out'],
      ['squeeze/weight', 'C,.in', '.in,C'],
      ['squeeze/bias', 'C', 'C'],
    ]);
  });

  test('that are read in two orders are moved to the second', () => {
    const b = new GraphBuilder();
    const weight = b.weight('w', { C: 2, K: 3 });
    const x = b.input('x', { N: b.dynamic('N'), C: 2 });
    const product = b.op('contract', [x, weight], { over: [{ left: 'C', right: 'C' }] });
    const back = b.op('contract', [product, weight], { over: [{ left: 'K', right: 'K' }] });
    const physical = laidOut(b.output('y', back).build());
    expect(transposes(physical)).toEqual(['CK -> KC']);
    expect(physical.params.map(({ value }) => axisNames(value.type).join(''))).toEqual(['CK']);
  });

  test('that nothing reads keep the order of their declaration', () => {
    const b = new GraphBuilder();
    b.weight('w', { W: 2, N: 3 });
    const physical = laidOut(b.output('y', b.input('x', { N: 3, W: 2 })).build());
    expect(physical.params.map(({ value }) => axisNames(value.type).join(''))).toEqual(['WN']);
  });
});

test('a value that is read twice in another order is moved once', () => {
  const b = new GraphBuilder();
  const x = b.input('x', { W: 4, C: 8, H: 5, N: b.dynamic('N') });
  const sum = b.op('add', [conv(b, x, 'a', { out: 8 }), conv(b, x, 'b', { out: 8 })]);
  const physical = laidOut(b.output('y', sum).build());
  expect(transposes(physical).filter((move) => move.startsWith('WCHN'))).toHaveLength(1);
});

test('new state has the order of the parameter that it replaces', () => {
  const b = new GraphBuilder();
  const seen = b.state('seen', { W: 4, C: 8 });
  const x = b.input('x', { N: b.dynamic('N'), C: 8, W: 4 });
  const graph = b
    .output('y', b.op('add', [x, seen]))
    .update('seen', b.op('mean', [x], { over: ['N'] }))
    .build();
  const physical = laidOut(graph);
  expect(axisNames(physical.params[0]?.value.type ?? x.type)).toEqual(['C', 'W']);
  expect(axisNames(physical.updates[0]?.value.type ?? x.type)).toEqual(['C', 'W']);
});

test('the verifier tells when a node reads what lies in another order', () => {
  const physical = laidOut(gated(new GraphBuilder()), 'channels-last');
  const skipping = { ...physical, nodes: physical.nodes.filter(({ kind }) => kind === 'op') };
  expect(verifyPhysical(skipping)[0]).toContain('is read before it is defined');
  const [first, ...rest] = physical.nodes;
  if (first?.kind !== 'transpose') throw new Error('the input is transposed');
  const broken = {
    ...physical,
    nodes: [{ ...first, output: { ...first.output, type: first.input.type } }, ...rest],
  };
  expect(verifyPhysical(broken)[0]).toContain('lies in memory as');
});
