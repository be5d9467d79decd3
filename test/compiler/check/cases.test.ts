import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codes, type Code } from '../../../src/compiler/diagnostics/codes.ts';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { printType } from '../../../src/compiler/ir/tensor-type.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { formatNet } from '../../../src/fmt/format.ts';
import type { SourceReader } from '../../../src/compiler/source/reader.ts';
import { casesIn, complaintsOf, mended, mendedThroughout, withCrlf } from '../../support/cases.ts';
import { randomInputs, randomWeights } from '../../support/random-values.ts';
import { inRepository } from '../../support/repository.ts';

/*
 * test/cases/error: programs with mistakes. Beside each stands a file with all that the compiler says of it; run with
 * UPDATE_CASES=1 to write these files anew, and read the difference.
 *
 * test/cases/ok: programs that compile. The comments at their top say which outputs they have, and, where it matters,
 * which parameters.
 */
const errors = casesIn('test/cases/error');

/** Codes that need more than a source, and the tests that provoke them. */
const elsewhere: Partial<Record<Code, string>> = {
  N7001: 'test/compiler/lower/onnx/lower-onnx.test.ts',
  N8001: 'test/verify/verify-targets.test.ts',
  N8002: 'test/verify/verify-targets.test.ts',
  N8003: 'test/cli/memory-budget.test.ts',
};

describe('test/cases/error', () => {
  for (const one of errors) {
    it(one.name, () => {
      const { text } = complaintsOf(one);
      expect(text).toMatch(/^(warning )?N\d{4} /m);
      const file = inRepository(`test/cases/error/${one.name}.txt`);
      if (process.env['UPDATE_CASES'] !== undefined) writeFileSync(file, `${text}\n`);
      expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '');
    });
  }

  /*
   * What an editor offers must hold: the fix takes the complaint away, where it was no complaint of another kind is made,
   * and a source that was formatted stays so. (Further on there may be more to see than before.)
   */
  it('offers fixes that mend', async () => {
    let applied = 0;
    for (const one of errors) {
      const { compilation, diagnostics } = complaintsOf(one);
      const known = new Set(diagnostics.map((other) => other.code));
      for (const { span, message, fix } of diagnostics) {
        if (fix === undefined) continue;
        applied++;
        const { fixed, moved } = mended(one, compilation, fix);
        const [start, end] = [moved(span.file, span.start), moved(span.file, span.end)];
        const there = complaintsOf(fixed).diagnostics.filter(
          (other) => other.span.file === span.file && start <= other.span.start && other.span.start <= end,
        );
        const same = there.filter((other) => other.message === message);
        const another = there.filter(({ code }) => !known.has(code));
        const name = `${one.name}: ${fix.title}`;
        expect({ name, same, another }).toEqual({ name, same: [], another: [] });

        const [before, after] = [one, fixed].map(({ reader }) => textOf(reader, span.file));
        if (before === undefined || after === undefined || (await formatted(before)) !== before) continue;
        expect({ name, text: await formatted(after) }).toEqual({ name, text: after });
      }
    }
    expect(applied).toBeGreaterThan(50);
  });

  it('offers fixes that end their lines as the source does', () => {
    let applied = 0;
    for (const one of errors.map(withCrlf)) {
      const { compilation, diagnostics } = complaintsOf(one);
      for (const { span, message, fix } of diagnostics) {
        if (fix?.edits.some(({ text }) => text.includes('\n')) !== true) continue;
        applied++;
        const { fixed } = mended(one, compilation, fix);
        const name = `${one.name}: ${fix.title}`;
        const text = textOf(fixed.reader, span.file);
        expect({ name, lone: text?.match(/(?<!\r)\n/) }).toEqual({ name, lone: null });
        const count = (all: readonly Diagnostic[]): number => all.filter((d) => d.message === message).length;
        const left = count(complaintsOf(fixed).diagnostics);
        expect({ name, isMended: left < count(diagnostics) }).toEqual({ name, isMended: true });
      }
    }
    expect(applied).toBeGreaterThan(20);
  });

  /* Instances that want one path are no mistake of shapes: bound to names of their own, all is well. */
  it.each(errors.filter(({ name }) => name.startsWith('N5001')))('is mended by its fixes: $name', (one) => {
    for (const fixed of [mendedThroughout(one), mendedThroughout(withCrlf(one))]) {
      expect(complaintsOf(fixed).text).toBe('');
    }
  });

  it('has every code that the front half can say; the others are tested where they are said', () => {
    const said = new Set(errors.flatMap((one) => complaintsOf(one).text.match(/N\d{4}/g) ?? []));
    expect(Object.keys(codes).filter((code) => !said.has(code))).toEqual(Object.keys(elsewhere));
    for (const [code, file] of Object.entries(elsewhere)) {
      expect(readFileSync(inRepository(file), 'utf8')).toContain(code);
    }
  });
});

describe('test/cases/ok', () => {
  for (const one of casesIn('test/cases/ok')) {
    it(one.name, () => {
      const { compilation, text } = complaintsOf(one);
      expect(text).toBe('');
      const { module } = compilation;
      if (module === undefined) throw new Error('there is no model');
      for (const mode of ['infer', 'train'] as const) {
        const entry = mode === 'train' && module.training !== undefined ? 'training' : 'model';
        const { graph, diagnostics } = flatten(module, { mode, entry });
        expect(diagnostics).toEqual([]);
        if (graph === undefined) throw new Error('there is no graph');
        expect(verifyGraph(graph)).toEqual([]);
        if (mode === 'train') continue;

        const outputs = graph.outputs.map(({ name, value }) => `${name}: ${printType(value.type)}`);
        expect(outputs).toEqual(headerOf(one.text, /^\/\/ ([a-z_0-9]+: \w*\[.*\])$/gm));
        const params = headerOf(one.text, /^\/\/ param (\S+)$/gm);
        if (params.length > 0) expect(graph.params.map(({ path }) => path)).toEqual(params);
        for (const size of [1, 3]) {
          const results = interpretGraph(graph, randomInputs(graph, size), randomWeights(graph));
          for (const array of results.outputs.values()) expect(array.data.every(Number.isFinite)).toBe(true);
        }
      }
    });
  }
});

function headerOf(text: string, pattern: RegExp): readonly (string | undefined)[] {
  return [...text.matchAll(pattern)].map((match) => match[1]);
}

function textOf(reader: SourceReader, path: string): string | undefined {
  const result = reader.read(path);
  return result.kind === 'text' ? result.text : undefined;
}

/** The text as `netc fmt` writes it; undefined for one that it refuses, as it cannot be read. */
async function formatted(text: string): Promise<string | undefined> {
  try {
    return await formatNet(text);
  } catch {
    return undefined;
  }
}
