import { describe, expect, it, test } from 'vitest';
import { differentiate } from '../../../src/compiler/autodiff/differentiate.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { Span } from '../../../src/compiler/source/span.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { randomWeights } from '../../support/random-values.ts';
import { expectClose } from '../ops/expect-close.ts';
import { randomGraph } from './random-graph.ts';

/** The gradients of the loss by values, at these weights. */
function gradientsAt(
  graph: Graph,
  loss: GraphValue,
  wanted: readonly GraphValue[],
  weights: ReadonlyMap<string, ArrayLike<number>>,
): readonly (readonly number[])[] {
  const { graph: whole, gradients, diagnostics } = differentiate(graph, loss, wanted);
  expect(diagnostics).toEqual([]);
  if (whole === undefined) throw new Error('there are gradients or diagnostics');
  expect(verifyGraph(whole)).toEqual([]);
  const outputs = wanted.map(({ id, type }, i) => {
    const value = gradients.get(id);
    if (value === undefined) throw new Error(`value ${i} has no gradient`);
    return { name: `d${i}`, value: { ...value, type }, labels: undefined };
  });
  const results = interpretGraph({ ...whole, outputs }, new Map(), weights).outputs;
  return wanted.map((_value, i) => [...(results.get(`d${i}`)?.data ?? [])]);
}

function total(b: GraphBuilder, x: GraphValue): GraphValue {
  const over = x.type.axes.map(({ name }) => name);
  return over.length === 0 ? x : b.op('sum', [x], { over });
}

describe('differentiate', () => {
  it('adds up what a value gets from its readers', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', { T: 2 });
    const squared = b.op('mul', [x, x]);
    const loss = total(b, b.op('add', [b.op('mul', [squared, x]), squared]));
    // x^3 + x^2
    expect(gradientsAt(b.build(), loss, [x], new Map([['x', [2, -1]]]))).toEqual([[16, 1]]);
  });

  it('adds up over the places in which a parameter is used, broadcast or not', () => {
    const b = new GraphBuilder();
    const [x, w] = [b.weight('x', { N: 2, C: 2 }), b.weight('w', { C: 2 })];
    const loss = total(b, b.op('mul', [b.op('add', [b.op('mul', [x, w]), w]), b.number(3)]));
    const weights = new Map([
      ['x', [1, 2, 3, 4]],
      ['w', [5, 6]],
    ]);
    expect(gradientsAt(b.build(), loss, [w, x], weights)).toEqual([
      [18, 24],
      [15, 18, 15, 18],
    ]);
  });

  it('gives zeros to what the loss does not depend on', () => {
    const b = new GraphBuilder();
    const [x, aside, unused] = [b.weight('x', { T: 2 }), b.weight('aside', { T: 2 }), b.weight('unused', {})];
    b.op('exp', [aside]);
    const loss = total(b, x);
    const weights = new Map([
      ['x', [1, 2]],
      ['aside', [1, 2]],
      ['unused', [1]],
    ]);
    expect(gradientsAt(b.build(), loss, [x, aside, unused], weights)).toEqual([[1, 1], [0, 0], [0]]);
  });

  it('gives 1 to the loss itself', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', {});
    b.op('exp', [x]);
    expect(gradientsAt(b.build(), x, [x], new Map([['x', [4]]]))).toEqual([[1]]);
  });

  it('lets nothing pass a whole number or a condition', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', { T: 3 });
    const whole = b.op('cast', [b.op('cast', [x], { to: 'int32' })], { to: 'f32' });
    const isLarge = b.op('greater', [x, b.number(1)]);
    const chosen = b.op('select', [isLarge, b.op('mul', [x, b.number(7)]), whole]);
    const loss = total(b, b.op('add', [chosen, whole]));
    expect(gradientsAt(b.build(), loss, [x], new Map([['x', [0.5, 1.5, 2.5]]]))).toEqual([[0, 7, 7]]);
  });

  it('does not look at nodes beside the path from a wanted value to the loss', () => {
    const b = new GraphBuilder();
    const [x, y] = [b.weight('x', { T: 2 }), b.weight('y', { T: 2 })];
    const fixed = b.op('erf', [y]);
    b.op('erf', [x]);
    const loss = total(b, b.op('mul', [x, fixed]));
    const { graph, diagnostics } = differentiate(b.build(), loss, [x]);
    expect(diagnostics).toEqual([]);
    expect(graph?.nodes.filter(({ op }) => op === 'erf')).toHaveLength(2);
  });

  it('says which op on the path has no gradient, where it stands and why', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', { T: 2 });
    const loss = total(b, b.op('exp', [b.op('erf', [b.op('mul', [x, x])])]));
    const plain = b.build();
    const span = Span.of('test.net', 30, 33);
    const nodes = plain.nodes.map((node) => (node.op === 'erf' ? { ...node, span } : node));
    const { graph, gradients, diagnostics } = differentiate({ ...plain, nodes }, loss, [x]);
    expect(graph).toBeUndefined();
    expect(gradients.size).toBe(0);
    expect(diagnostics).toMatchObject([
      {
        code: 'N7001',
        span,
        message: '`erf` has no gradient, and a parameter needs one through it',
        notes: ['it has none because it is made for gradients, which are not differentiated again'],
      },
    ]);
  });

  it('refuses a loss that is no number', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', { T: 2 });
    const y = b.op('exp', [x]);
    expect(() => differentiate(b.build(), y, [x])).toThrow('the loss is');
  });

  it('puts gradients where the source has what they are gradients of', () => {
    const b = new GraphBuilder();
    const x = b.weight('x', { T: 2 });
    const y = b.op('exp', [x], {}, 'first');
    const loss = b.op('sum', [b.op('silu', [y], {}, 'second')], { over: ['T'] }, 'loss');
    const plain = b.build();
    const { graph } = differentiate(plain, loss, [x]);
    const added = graph?.nodes.slice(plain.nodes.length) ?? [];
    expect(new Set(added.map(({ path }) => path))).toEqual(new Set(['loss', 'second', 'first']));
    expect(graph?.nodes.slice(0, plain.nodes.length)).toEqual(plain.nodes);
  });

  it('writes as many nodes for each node of a chain whose paths double', () => {
    const addedFor = (length: number): number => {
      const b = new GraphBuilder();
      const x = b.weight('x', { T: 2 });
      let y = x;
      for (let i = 0; i < length; i++) y = b.op('mul', [y, y]);
      const loss = total(b, y);
      const plain = b.build();
      return (differentiate(plain, loss, [x]).graph?.nodes.length ?? NaN) - plain.nodes.length;
    };
    const few = addedFor(10);
    // Two products and their sum for each.
    expect(addedFor(40) - few).toBe(30 * 3);
  });
});

/** Half the distance of the two points of a difference quotient, which are taken in float64. */
const step = 1e-5;

test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
  'the gradient of random graph %i is its difference quotient',
  (seed) => {
    const { graph, loss, weights: wanted } = randomGraph(seed);
    const weights = new Map<string, ArrayLike<number>>(randomWeights(graph, seed));
    const measured: Graph = { ...graph, outputs: [{ name: 'loss', value: loss, labels: undefined }] };
    const lossAt = (path: string, k: number, change: number): number => {
      const moved = Float64Array.from(weights.get(path) ?? []);
      moved[k] = (moved[k] ?? NaN) + change;
      const results = interpretGraph(measured, new Map(), new Map([...weights, [path, moved]]));
      return results.outputs.get('loss')?.data[0] ?? NaN;
    };
    const gradients = gradientsAt(graph, loss, wanted, weights);
    graph.params.forEach(({ path }, i) => {
      const quotients = Array.from(weights.get(path) ?? [], (_, k) => {
        return (lossAt(path, k, step) - lossAt(path, k, -step)) / (2 * step);
      });
      expectClose(gradients[i] ?? [], quotients, 1e-6, path);
    });
  },
);
