import type { Block, Hyper } from './block.ts';
import { atLeast, divisible, type Condition } from './condition.ts';
import { printHead } from './print-head.ts';
import { dividedBy, numeral, times, variable, type SizeExpression } from './size-expression.ts';
import type { TensorType } from './tensor.ts';

/** Blocks as people write them, with kinds of hyper-parameters that are not drawn at random. */
export const library: readonly Block[] = [
  block({
    name: 'Gate',
    hypers: [int('hidden', 1)],
    input: 'C',
    body: `  narrow = x |> linear(C -> C: hidden) |> relu
  gate = narrow |> linear(C -> C: C) |> sigmoid
  return x * gate`,
    where: [atLeast(variable('hidden'), 1)],
  }),
  block({
    name: 'Widen',
    hypers: [int('by', 1)],
    input: 'C',
    body: `  copies = [x]
  for _i in 1..by { copies = copies ++ [x |> linear(C -> C: C)] }
  return concat(copies, along: C)`,
    where: [atLeast(variable('by'), 1)],
    outputs: [times(variable('by'), variable('C'))],
  }),
  block({
    name: 'Halve',
    hypers: [],
    input: 'C',
    body: '  return x |> linear(C -> C: C / 2) |> tanh',
    where: [divisible(variable('C'), numeral(2))],
    outputs: [dividedBy(variable('C'), numeral(2))],
  }),
  block({
    name: 'Pair',
    hypers: [int('to', 1)],
    input: 'C',
    body: `  narrow = x |> linear(C -> C: to)
  return narrow, tanh(x)`,
    where: [atLeast(variable('to'), 1)],
    outputs: [variable('to'), variable('C')],
  }),
  block({
    name: 'Residual',
    hypers: [{ kind: 'block', name: 'inner', value: open('C', variable('C')) }],
    input: 'C',
    body: '  return x + inner(x)',
  }),
  block({
    name: 'Activate',
    hypers: [
      { kind: 'float', name: 'slope' },
      { kind: 'string', name: 'form', options: ['leaky', 'other'] },
      { kind: 'bool', name: 'norm' },
    ],
    input: 'C',
    body: `  y = x
  if form == "leaky" { y = maximum(x, slope * x) } else if slope > 0.5 { y = -x } else { y = relu(x) }
  z = y
  if norm { z = y |> batch_norm(C) }
  return z`,
  }),
];

/** Blocks that no signature of this generator can describe: `calls.ts` writes their calls. */
export const special: readonly Pick<Block, 'name' | 'text'>[] = [
  {
    name: 'Centre',
    text: `block Centre(a: axis)(x: [N, a, ...R]) -> [N, a, ...R] {
  middle = x |> mean(over: [a])
  return x - middle
}`,
  },
  {
    name: 'Stages',
    text: `block Stages(widths: [int], last: int)(x: [N, C, ...R]) -> [N, C: last, ...R] where last >= 1 {
  for w in widths { x = x |> linear(C -> C: w) |> relu }
  return x |> linear(C -> C: last)
}`,
  },
  {
    name: 'Mixed',
    text: `block Mixed(acts: [block([N, C, ...R]) -> [N, C, ...R]])(x: [N, C, ...R]) -> [N, C, ...R] {
  for act in acts { x = act(x) }
  return x
}`,
  },
  {
    name: 'Weighed',
    text: `block Weighed()(x: [N, C, ...R], by: [N, C] = 0.5) -> [N, C, ...R] {
  return x * by
}`,
  },
];

function int(name: string, least: number): Hyper {
  return { kind: 'int', name, least, most: least + 3 };
}

/** [N, C: size, ...R] */
function open(axis: string, size: SizeExpression): TensorType {
  return {
    dtype: 'f32',
    axes: new Map([
      ['N', variable('N')],
      [axis, size],
    ]),
    rest: 'R',
  };
}

function block(given: {
  readonly name: string;
  readonly hypers: readonly Hyper[];
  readonly input: string;
  readonly body: string;
  readonly where?: readonly Condition[];
  /** The sizes of the axis in what is returned. */
  readonly outputs?: readonly SizeExpression[];
}): Block {
  const { name, hypers, input, body, where = [], outputs = [variable(input)] } = given;
  const signature = {
    name,
    hypers,
    inputs: [{ ...open(input, variable(input)), name: 'x', isExact: false }],
    outputs: outputs.map((size) => open(input, size)),
    where,
  };
  return {
    ...signature,
    inferred: [],
    deferred: [],
    occasions: [],
    pinned: new Set([input, ...hypers.map((hyper) => hyper.name)]),
    text: `${printHead(signature)}\n{\n${body}\n}`,
  };
}
