import { readdirSync, readFileSync, statSync } from 'node:fs';
import { compile, type Compilation } from '../../src/compiler/compile.ts';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import type { SourceReader } from '../../src/compiler/source/reader.ts';
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
  readonly text: string;
} {
  const compilation = compile(entry, { reader });
  const { module, diagnostics } = compilation;
  const all =
    module === undefined ? diagnostics : [...diagnostics, ...flatten(module, { mode: 'infer' }).diagnostics];
  return { compilation, text: all.map((diagnostic) => write(diagnostic, compilation, entry)).join('\n') };
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
  const { code, severity, span, message, notes, related, help } = diagnostic;
  return [
    `${severity === 'error' ? '' : `${severity} `}${code} ${place(span)} ${message}`,
    ...notes.map((note) => `  note: ${note}`),
    ...related.map((other) => `  ${place(other.span)} ${other.message}`),
    ...(help === undefined ? [] : [`  help: ${help}`]),
  ].join('\n');
}
