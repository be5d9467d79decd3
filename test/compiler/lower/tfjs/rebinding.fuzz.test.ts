import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../../src/compiler/interpret/interpret-graph.ts';
import { initialWeights } from '../../../../src/compiler/targets/initial-weights.ts';
import { readSafetensors } from '../../../../src/runtime/safetensors.ts';
import { array, graphOf } from '../../../support/model-graph.ts';
import { randomNumbers } from '../../../support/random-values.ts';
import { writeTargetFiles } from '../../../support/target-files.ts';
import { compiled } from './compiled.ts';
import { inProgramFolder, programFiles, type GeneratedProgram } from './generated.ts';

const variable = fc.constantFrom('a', 'b', 'c');

/** Expressions over a, b, c; `norm` changes its statistics whenever it is called, so that its order shows. */
const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    variable,
    // Bounded, and not sensitive: float32 and float64 must stay together for many turns.
    fc.tuple(tie('e'), fc.constantFrom('+', '-'), tie('e')).map(([x, op, y]) => `((${x} ${op} ${y}) * 0.5)`),
    fc.tuple(tie('e'), tie('e')).map(([x, y]) => `tanh(${x} * ${y})`),
    tie('e').map((x) => `tanh(${x})`),
    tie('e').map((x) => `norm(${x})`),
    tie('e').map((x) => `(${x} |> rename(D -> E) |> rename(E -> D))`),
  ),
})).e;

type Statements = {
  /** Lists keep their length, as they must in a branch. */
  inBranch: string;
  statement: string;
};

const joined = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(one, { minLength: 1, maxLength: 4 }).map((all) => all.join('\n'));
const binding = fc.tuple(variable, expression).map(([name, value]) => `${name} = ${value}`);
const append = expression.map((value) => `made = made ++ [${value}]`);
const loop = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('n', '2', 'm'), joined(one))
    .map(([count, body]) => `for i in 0..${count} {\n${body}\n}`);
const branch = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('n > m', 'n == m', 'm >= 1'), joined(one), fc.option(joined(one)))
    .map(([test, yes, no]) => `if ${test} {\n${yes}\n}${no === null ? '' : ` else {\n${no}\n}`}`);

/** Bindings, loops that carry, branches on hyper-parameters, and a list that grows. */
const { statement } = fc.letrec<Statements>((tie) => ({
  inBranch: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    binding,
    loop(tie('inBranch')),
    branch(tie('inBranch')),
  ),
  statement: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    binding,
    append,
    loop(tie('statement')),
    branch(tie('inBranch')),
  ),
}));

function sourceOf(body: string): string {
  return `language 1
block Fuzz(n: int, m: int)(a: [N, D], b: [N, D], c: [N, D]) -> ([N, D], [N, D], [N, D])
  where n >= 0, m >= 0
{
  norm = batch_norm(D, eps: 1)
  made = [norm(b)]
${body}
  made = made ++ [a]
  return a, b, c + sum(stack(made, along: S), over: [S])
}
model Fuzzed() {
  input a: [N, D: 3]
  input b: [N, D: 3]
  input c: [N, D: 3]
  (x, y, z) = Fuzz(n: 3, m: 1)(a, b, c)
  output x
  output y
  output z
}
`;
}

/** Programs that once came out wrong. */
const mistakes = [
  'for i in 0..n { if m >= 1 { a = a |> rename(D -> E) |> rename(E -> D)\n c = tanh(norm(a))\n a = tanh(a) }\n a = b }',
  'for i in 0..n { for j in 0..n { a = a }\n b = a\n a = tanh(a * a) }',
  'a = (a + a) * 0.5\n c = a\n for i in 0..n { a = tanh((a + tanh(c)) * 0.5) }\n c = a',
];

/** Absolute: values are at most of size 1, and may vanish. */
function difference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Infinity;
  return Math.max(...Array.from(wanted, (value, i) => Math.abs(value - (got[i] ?? NaN))));
}

const inputs = ['a', 'b', 'c'].map((name, i) => [name, randomNumbers(12, i + 1, -1, 1)] as const);

describe('values that are bound again', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('are those of the source, and statistics change in its order', async () => {
    await fc.assert(
      fc.asyncProperty(joined(statement), async (body) => {
        const module = compiled(sourceOf(body));
        const graph = graphOf(module, { mode: 'train' });
        const weights = initialWeights(graph.params, 0);
        const arrays = new Map(
          inputs.map(([name, data]) => [name, array({ N: 4, D: 3 }, Float64Array.from(data))]),
        );
        const wanted = interpretGraph(graph, arrays, weights);
        await inProgramFolder(async (folder) => {
          const files = await programFiles(module);
          await writeTargetFiles(folder, files);
          const program = (await import(
            pathToFileURL(join(folder, 'tested.train.mjs')).href
          )) as GeneratedProgram;
          const w = program.createWeights(0);
          const tensors = Object.fromEntries(inputs.map(([name, data]) => [name, tf.tensor(data, [4, 3])]));
          const results = program.model(tensors, w, { training: true });
          for (const [name, { data }] of wanted.outputs) {
            expect(difference(results[name]?.dataSync() ?? [], data), name).toBeLessThan(1e-4);
          }
          const file = join(folder, 'w.safetensors');
          await program.saveWeights(w, file);
          const { tensors: saved } = await readSafetensors(file);
          for (const [path, { data }] of wanted.updates) {
            const got = Array.from(saved.get(path)?.data ?? [], Number);
            expect(difference(got, data), path).toBeLessThan(1e-4);
          }
        });
        tf.disposeVariables();
      }),
      { seed: 11, numRuns: 100, examples: mistakes.map((body) => [body]) },
    );
  });
});
