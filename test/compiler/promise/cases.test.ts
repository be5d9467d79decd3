import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { casesIn } from '../../support/cases.ts';
import { targetsDiffer } from './targets-differ.ts';

/** The programs that must compile also compute the same on every target. Those that once did not are among them. */
describe('test/cases/ok on every target', () => {
  it.each(casesIn('test/cases/ok'))('$name', async ({ entry, reader }) => {
    const { module } = compile(entry, { reader });
    const graph = module && flatten(module, { mode: 'infer' }).graph;
    if (module === undefined || graph === undefined) throw new Error('the program does not compile');
    expect(await targetsDiffer({ module, graph, targets: ['onnx', 'tfjs'], comparesValues: true })).toBe(
      undefined,
    );
  });
});
