import { readdirSync, readFileSync, statSync } from 'node:fs';
import { compile, type Compilation } from '../../src/compiler/compile.ts';
import { chooseFixes } from '../../src/compiler/diagnostics/choose-fixes.ts';
import type { Diagnostic, Fix } from '../../src/compiler/diagnostics/diagnostic.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import type { ReadResult, SourceReader } from '../../src/compiler/source/reader.ts';
import type { Span } from '../../src/compiler/source/span.ts';
import { inRepository } from './repository.ts';

/** A program of `test/cases`: a file, or a folder with `main.net` and what it imports. */
export interface Case {
  readonly name: string;
  /** The path of the file to compile, relative to the folder of the cases. */
  readonly entry: string;
  readonly text: string;
  readonly reader: SourceReader;
}

export function casesIn(folder: string): readonly Case[] {
  const root = inRepository(folder);
  const reader: SourceReader = {
    read: (path) => {
      if (path.startsWith('..')) return { kind: 'outside' };
      const stats = statSync(`${root}/${path}`, { throwIfNoEntry: false });
      if (stats === undefined) return { kind: 'missing' };
      if (!stats.isFile()) return { kind: 'unreadable', reason: 'it is not a file' };
      return { kind: 'text', text: readFileSync(`${root}/${path}`, 'utf8') };
    },
  };
  return readdirSync(root)
    .filter((name) => name.endsWith('.net') || statSync(`${root}/${name}`).isDirectory())
    .map((name) => {
      const entry = name.endsWith('.net') ? name : `${name}/main.net`;
      return {
        name: name.replace(/\.net$/, ''),
        entry,
        text: readFileSync(`${root}/${entry}`, 'utf8'),
        reader,
      };
    });
}

/** Compiles a case, and unfolds its model where that is asked of it; every complaint of either. */
export function complaintsOf({ entry, reader }: Case): {
  readonly compilation: Compilation;
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
} {
  const compilation = compile(entry, { reader });
  const { module } = compilation;
  const unfolded = module === undefined ? [] : flatten(module, { mode: 'infer' }).diagnostics;
  const diagnostics = [...compilation.diagnostics, ...unfolded];
  const text = diagnostics.map((diagnostic) => write(diagnostic, compilation, entry)).join('\n');
  return { compilation, diagnostics, text };
}

/** A case as it is once a fix has been applied, and where an offset of a file has gone by it. */
export function mended(
  one: Case,
  { sources }: Compilation,
  { edits }: Fix,
): { readonly fixed: Case; readonly moved: (file: string, offset: number) => number } {
  const texts = new Map<string, string>();
  for (const { span, text } of edits.toSorted((a, b) => b.span.start - a.span.start)) {
    const before = texts.get(span.file) ?? sources.get(span.file)?.text ?? '';
    texts.set(span.file, before.slice(0, span.start) + text + before.slice(span.end));
  }
  const read = (path: string) => {
    const text = texts.get(path);
    return text === undefined ? one.reader.read(path) : { kind: 'text' as const, text };
  };
  const moved = (file: string, offset: number): number =>
    edits
      .filter(({ span }) => span.file === file && span.start < offset && span.end <= offset)
      .reduce((sum, { span, text }) => sum + text.length - (span.end - span.start), offset);
  return { fixed: { ...one, reader: { read } }, moved };
}

/** A case with the lines of its files ended by two characters, as on Windows. */
export function withCrlf(one: Case): Case {
  const read = (path: string): ReadResult => {
    const result = one.reader.read(path);
    return result.kind === 'text' ? { ...result, text: result.text.replaceAll('\n', '\r\n') } : result;
  };
  return { ...one, name: `${one.name}, CRLF`, reader: { read } };
}

/** A case as `netc check --fix` would leave it. */
export function mendedThroughout(one: Case): Case {
  let fixed = one;
  for (let round = 0; round < 10; round++) {
    const { compilation, diagnostics } = complaintsOf(fixed);
    const edits = chooseFixes(diagnostics, compilation.sources).flatMap(({ fix }) => fix.edits);
    if (edits.length === 0) return fixed;
    ({ fixed } = mended(fixed, compilation, { title: '', edits }));
  }
  return fixed;
}

/** A diagnostic in full, without the code frames: `N4001 5:15-5:16 ...` and what belongs to it. */
function write(diagnostic: Diagnostic, { sources }: Compilation, entry: string): string {
  const place = ({ file, start, end }: Span): string => {
    const source = sources.get(file);
    const [from, to] = [start, end].map((offset) => source?.position(offset));
    const where =
      from === undefined || to === undefined ? '?' : `${from.line}:${from.column}-${to.line}:${to.column}`;
    return file === entry ? where : `${file}:${where}`;
  };
  const { code, severity, span, message, notes, related, help, fix } = diagnostic;
  const edits = fix?.edits.map((edit) => `${place(edit.span)} ${JSON.stringify(edit.text)}`).join(', ');
  return [
    `${severity === 'error' ? '' : `${severity} `}${code} ${place(span)} ${message}`,
    ...notes.map((note) => `  note: ${note}`),
    ...related.map((other) => `  ${place(other.span)} ${other.message}`),
    ...(help === undefined ? [] : [`  help: ${help}`]),
    ...(fix === undefined ? [] : [`  fix: ${fix.title} => ${edits}`]),
  ].join('\n');
}
