import type { Graph, GraphValue } from '../../../src/compiler/ir/graph.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { uniforms } from '../../../src/compiler/random/philox.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';

export interface RandomGraph {
  readonly graph: Graph;
  readonly loss: GraphValue;
  /** In the order of the graph's parameters. */
  readonly weights: readonly GraphValue[];
}

/** All values of the body have this shape, so that any may be an operand of any other. */
const shape = { N: 3, C: 4 };

/** A step from one or two values of the shape to the next; smooth, so that differences are those of the gradient. */
type Step = (b: GraphBuilder, x: GraphValue, y: GraphValue) => GraphValue;

const apply =
  (op: string, attributes: Attributes = {}): Step =>
  (b, x) =>
    b.op(op, [x], attributes);

const steps: readonly Step[] = [
  ...['tanh', 'sigmoid', 'silu', 'softplus', 'mish'].map((op) => apply(op)),
  apply('gelu', { tanh: false }),
  apply('softmax', { axis: 'C' }),
  apply('log_softmax', { axis: 'N' }),
  apply('layer_norm', { over: ['C'], eps: 0.1 }),
  apply('cumsum', { axis: 'N', reverse: false }),
  apply('roll', { axis: 'C', by: constant(1) }),
  ...['add', 'sub', 'mul'].map(
    (op): Step =>
      (b, x, y) =>
        b.op(op, [x, y]),
  ),
  (b, x, y) => b.op('div', [x, b.op('add', [b.op('softplus', [y]), b.number(1)])]),
  (b, x) => b.op('sub', [x, b.op('mean', [x], { over: ['N'] })]),
  (b, x, y) => b.op('mul', [x, b.op('variance', [y], { over: ['C'], unbiased: true })]),
  (b, x, y) => {
    const other = b.op('rename', [y], { from: ['N'], to: ['S'] });
    const weights = b.op('softmax', [b.op('contract', [x, other], { over: [{ left: 'C', right: 'C' }] })], { axis: 'S' }); // prettier-ignore
    return b.op('contract', [weights, other], { over: [{ left: 'S', right: 'S' }] });
  },
  (b, x, y) => {
    const joined = b.op('concat', [x, y], { axis: 'C' });
    return b.op('slice', [joined], { axis: 'C', start: constant(1), stop: constant(8), step: constant(2) });
  },
  (b, x, y) => {
    const [first, second] = b.ops('split', [b.op('concat', [y, x], { axis: 'N' })], {
      axis: 'N',
      into: constant(2),
    });
    return first === undefined || second === undefined ? x : b.op('add', [first, b.op('tanh', [second])]);
  },
  (b, x) => {
    const line = b.op('merge', [x], { from: ['C', 'N'], to: 'T' });
    const to = Object.entries(shape).map(([axis, size]) => ({ axis, size: constant(size) }));
    return b.op('factor', [line], { from: 'T', to });
  },
];

/** Four to twelve steps over three weights, each from values before it; the loss reads the last two. */
export function randomGraph(seed: number): RandomGraph {
  const draws = uniforms(64, seed, 'graph');
  let drawn = 0;
  const choose = <T>(items: readonly T[]): T => {
    const item = items[Math.floor((draws[drawn++] ?? 0) * items.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  };
  const b = new GraphBuilder();
  const weights = ['first', 'second', 'third'].map((path) => b.weight(path, shape));
  const values = [...weights];
  const length = 4 + Math.floor((draws[drawn++] ?? 0) * 9);
  // One operand is among the last three values, so that graphs are deep and not only wide.
  while (values.length < weights.length + length) {
    values.push(choose(steps)(b, choose(values.slice(-3)), choose(values)));
  }
  const last = values.slice(-2).reduce((x, y) => b.op('add', [x, y]));
  const loss = b.op('mean', [b.op('mul', [last, last])], { over: ['N', 'C'] });
  return { graph: b.build(), loss, weights };
}
