import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import { randomInputs, randomWeights } from '../../support/random-values.ts';
import { complaints } from '../../support/repository.ts';
import { Choices, randomProgram, type RandomProgram } from './random-program.ts';

/*
 * The promise of the language: for inputs that satisfy the declared types and `where`s, an accepted program meets no
 * shape error. And its other half: what is right is accepted.
 */

interface Outcome {
  readonly refused: readonly string[];
  /** The output's sizes by axis, for each batch size that was tried. */
  readonly shapes: readonly Readonly<Record<string, number>>[];
}

const BATCHES = [1, 3];

function outcomeOf(source: string): Outcome {
  const compilation = compile('random.net', { reader: memoryReader({ 'random.net': source }) });
  const { module } = compilation;
  if (module === undefined) return { refused: complaints(compilation), shapes: [] };
  const { graph, diagnostics } = flatten(module, { mode: 'infer' });
  if (graph === undefined)
    return { refused: diagnostics.map(({ code, message }) => `${code} ${message}`), shapes: [] };
  expect(verifyGraph(graph)).toEqual([]);
  const training = flatten(module, { mode: 'train' });
  expect(training.graph === undefined ? training.diagnostics : verifyGraph(training.graph)).toEqual([]);
  const shapes = BATCHES.map((batch) => {
    const results = interpretGraph(graph, randomInputs(graph, batch), randomWeights(graph));
    const axes = results.outputs.get('y')?.type.axes ?? [];
    return Object.fromEntries(axes.map(({ name, size }) => [name, size]));
  });
  return { refused: [], shapes };
}

function check({ source, output }: RandomProgram): void {
  const { refused, shapes } = outcomeOf(source);
  const about = `${source}\n${refused.join('\n')}`;
  if (output === undefined) {
    expect(refused.length, about).toBeGreaterThan(0);
    // Wrong numbers are the caller's mistake: the block itself is right for all that satisfy its signature.
    for (const text of refused) expect(text, about).toMatch(/N40(05|06|07|08|09|11|12)|N3010/);
  } else {
    expect(shapes, about).toEqual(BATCHES.map((N) => ({ N, ...Object.fromEntries(output) })));
  }
}

describe('the promise', () => {
  it('holds for random programs', () => {
    const programs = fc
      .array(fc.nat(9_999), { minLength: 3, maxLength: 40 })
      .map((decisions) => randomProgram(new Choices(decisions)));
    fc.assert(fc.property(programs, check), { numRuns: 300, seed: 20_250_711 });
  });
});
