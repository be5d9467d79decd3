import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParamDecl } from '../../../../src/compiler/ir/module.ts';
import { tensorType } from '../../../../src/compiler/ir/tensor-type.ts';
import { Names } from '../../../../src/compiler/lower/tfjs/names.ts';
import type { ParameterNode, ParameterRow } from '../../../../src/compiler/lower/tfjs/parameter-rows.ts';
import { parameterTable } from '../../../../src/compiler/lower/tfjs/parameter-table.ts';
import { runJavaScript } from './run-javascript.ts';
import { Span } from '../../../../src/compiler/source/span.ts';

const span = Span.startOf('tested.net');

function declaration(init: string, role: 'weight' | 'state'): ParamDecl {
  return {
    role,
    path: [],
    value: { kind: 'tensor', id: 0, hint: 'p', type: tensorType([]) },
    init: { name: init, args: {} },
    fan: undefined,
    span,
  };
}

const weight = declaration('torch_default', 'weight');
const state = declaration('zeros', 'state');

function row(path: ParameterRow['path'], shape: readonly number[], decl = weight): ParameterRow {
  const fan = decl === weight ? { in: shape[0] ?? 1, out: shape[1] ?? 1 } : undefined;
  return { kind: 'row', path, shape, fan, decl, permutation: shape.length === 2 ? [1, 0] : undefined };
}

/** What the table is when the program runs. */
function run(nodes: readonly ParameterNode[]): unknown {
  const lines = parameterTable(nodes, new Names(['turns']))
    .join('\n')
    .replace('export const', 'const');
  const turns = (count: number, rows: (turn: number) => unknown[]): unknown[] =>
    Array.from({ length: count }, (_, turn) => rows(turn)).flat();
  return runJavaScript(`${lines}\nreturn parameters;`, { turns });
}

function expected(nodes: readonly ParameterNode[]): unknown[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'turns') return node.turns.flatMap(expected);
    return [
      {
        path: node.path.join('/'),
        shape: node.shape,
        ...(node.permutation && { order: node.permutation }),
        init: { kind: node.decl.init.name },
        ...(node.fan && { fan: [node.fan.in, node.fan.out] }),
        ...(node.decl.role === 'state' && { role: 'state' }),
      },
    ];
  });
}

const tower = (count: number, shape: (turn: number) => readonly number[]): ParameterNode => ({
  kind: 'turns',
  index: 'i',
  turns: Array.from({ length: count }, (_, turn) => [row(['tower', turn, 'weight'], shape(turn))]),
});

describe('the table of parameters', () => {
  it.each([
    ['turns that grow evenly', [tower(5, (turn) => [8 + 4 * turn, 2])], true],
    ['turns that shrink', [tower(4, (turn) => [9 - 2 * turn, 2])], true],
    ['turns that grow unevenly', [tower(4, (turn) => [2 ** turn, 2])], false],
    ['two turns', [tower(2, (turn) => [turn + 1, 2])], false],
    ['no turn', [tower(0, () => [])], false],
  ] as const)('says of %s what they say', (_name, nodes, folds) => {
    expect(run(nodes)).toEqual(expected(nodes));
    expect(parameterTable(nodes, new Names([])).join('\n').includes('...turns(')).toBe(folds);
  });

  it('folds loops in loops', () => {
    const nodes: ParameterNode[] = [
      {
        kind: 'turns',
        index: 'i',
        turns: Array.from({ length: 4 }, (_, stage) => [
          row(['stage', stage, 'scale'], [stage + 1], state),
          {
            kind: 'turns',
            index: 'i',
            turns: Array.from({ length: 3 + stage }, (_turn, turn) => [
              row(['stage', stage, 'layer', turn, 'weight'], [10 * stage + turn, 3]),
            ]),
          },
        ]),
      },
    ];
    expect(run(nodes)).toEqual(expected(nodes));
    expect(parameterTable(nodes, new Names([])).filter((line) => line.includes('turns('))).toEqual([
      '  ...turns(4, (i) => [',
      '    ...turns(3 + i, (i_) => [',
    ]);
  });

  it('quotes whatever a path consists of', () => {
    const names = ['`${process.exit(1)}`', "'", '\\', '\u2028', '__proto__'];
    const flat = names.map((name) => row([name], [1]));
    const looped = names.map((name): ParameterNode => ({
      kind: 'turns',
      index: 'await',
      turns: [0, 1, 2].map((turn) => [row([name, turn], [1])]),
    }));
    expect(run([...flat, ...looped])).toEqual(expected([...flat, ...looped]));
  });

  it('says what any rows say', () => {
    const rows = fc
      .tuple(
        fc.constantFrom('a', 'b'),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        fc.boolean(),
      )
      .map(([name, shape, isState]) => row([name], shape, isState ? state : weight));
    const nodes = fc.letrec<{ node: ParameterNode }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        rows,
        fc
          .tuple(fc.integer({ min: 0, max: 5 }), fc.array(tie('node'), { maxLength: 3 }))
          .map(([count, body]): ParameterNode => ({
            kind: 'turns',
            index: 'i',
            turns: Array.from({ length: count }, () => body),
          })),
      ),
    })).node;
    fc.assert(
      fc.property(fc.array(nodes, { maxLength: 4 }), (all) => {
        expect(run(all)).toEqual(expected(all));
      }),
      { seed: 5 },
    );
  });
});
