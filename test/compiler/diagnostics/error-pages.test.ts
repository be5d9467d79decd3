import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import { codes, type Code } from '../../../src/compiler/diagnostics/codes.ts';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import type { ReadResult, SourceReader } from '../../../src/compiler/source/reader.ts';
import { initialWeights } from '../../../src/compiler/targets/initial-weights.ts';
import { emitOnnx } from '../../../src/compiler/targets/onnx.ts';

const root = new URL('../../../', import.meta.url);
const page = (code: string): URL => new URL(`docs/errors/${code}.md`, root);

/** Codes that come from running targets, or from what they may take, which no source can be blamed for. */
const withoutExample: ReadonlySet<Code> = new Set(['N8001', 'N8002', 'N8003']);

type Files = ReadonlyMap<string, string>;

/** The two programs of a page, each a main file with those beside it. */
function programsOf(code: Code): readonly Files[] {
  const text = readFileSync(page(code), 'utf8');
  const programs: Map<string, string>[] = [];
  for (const [, name = '', source = ''] of text.matchAll(/^```net ?(\S*)\n([\s\S]*?)^```$/gm)) {
    if (name === '') programs.push(new Map([['example.net', source]]));
    else programs.at(-1)?.set(name, source);
  }
  return programs;
}

/** Examples lie in a folder with the library; what leads out of it is outside, and `folder` is no file. */
function readerOf(files: Files): SourceReader {
  return {
    read: (path): ReadResult => {
      if (path.startsWith('..')) return { kind: 'outside' };
      if (path === 'folder') return { kind: 'unreadable', reason: 'it is not a file' };
      const library = new URL(`models/${path}`, root);
      const text = files.get(path) ?? (existsSync(library) ? readFileSync(library, 'utf8') : undefined);
      return text === undefined ? { kind: 'missing' } : { kind: 'text', text };
    },
  };
}

/** Everything that is said of a program on its way to a target. */
function diagnosticsOf(files: Files): readonly Diagnostic[] {
  const { diagnostics, module } = compile('example.net', { reader: readerOf(files) });
  if (module === undefined) return diagnostics;
  const { graph, diagnostics: found } = flatten(module, { mode: 'infer' });
  if (graph === undefined) return [...diagnostics, ...found];
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  const weights = initialWeights(graph.params, 0);
  return [...diagnostics, ...emitOnnx(module, { provenance, weights }).diagnostics];
}

test('every code has a page, and every page a code', () => {
  const pages = readdirSync(new URL('docs/errors/', root))
    .filter((name) => name.startsWith('N'))
    .map((name) => name.replace('.md', ''));
  expect(pages.sort()).toEqual(Object.keys(codes).sort());
});

describe.each(Object.entries(codes) as [Code, string][])('the page of %s, %s', (code, title) => {
  test('is headed by the code and its title', () => {
    expect(readFileSync(page(code), 'utf8').split('\n')[0]).toBe(`# ${code}: ${title}`);
  });

  if (withoutExample.has(code)) return;

  test('has an example that fails with this code alone, and one that does not fail', () => {
    const [failing, mended, ...more] = programsOf(code);
    expect(more).toEqual([]);
    expect([...new Set(diagnosticsOf(failing ?? new Map()).map((diagnostic) => diagnostic.code))]).toEqual([
      code,
    ]);
    const left = diagnosticsOf(mended ?? new Map()).map(({ code: found, message }) => `${found}: ${message}`);
    expect(left).toEqual([]);
  });
});
