/**
 * How the compiler gets at files. The command line reads the disk, an editor its open buffers, a web page a map;
 * the compiler itself knows no file system.
 */
export interface SourceReader {
  /** The text of a file, or why there is none. Paths use `/`. */
  read(path: string): ReadResult;
}

export type ReadResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A reader over texts in memory: for tests, the documentation and web pages. */
export function memoryReader(files: Readonly<Record<string, string>>): SourceReader {
  return {
    read: (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      return text === undefined ? { kind: 'missing' } : { kind: 'text', text };
    },
  };
}
