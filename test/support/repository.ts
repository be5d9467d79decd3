import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceReader } from '../../src/compiler/source/reader.ts';
import type { Compilation } from '../../src/compiler/compile.ts';

/** The absolute path of a file of this repository. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Reads the repository's files by paths relative to it, with texts of the test's own in the place of some. */
export function repositoryReader(own: Readonly<Record<string, string>> = {}): SourceReader {
  return {
    read: (path) => {
      if (Object.hasOwn(own, path)) return { kind: 'text', text: own[path] ?? '' };
      try {
        return { kind: 'text', text: readFileSync(inRepository(path), 'utf8') };
      } catch {
        return { kind: 'missing' };
      }
    },
  };
}

/** All that a compilation said, each on a line: `models/mair.net:3:10 N2001 there is no ...`. */
export function complaints({ diagnostics, sources }: Compilation): readonly string[] {
  return diagnostics.map(({ code, span, message }) => {
    const { line, column } = sources.get(span.file)?.position(span.start) ?? { line: 0, column: 0 };
    return `${span.file}:${line}:${column} ${code} ${message}`;
  });
}
