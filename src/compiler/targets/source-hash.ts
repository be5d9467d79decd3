import type { SourceFile } from '../source/source-file.ts';

/**
 * SHA-256 over all files of a program, in hexadecimal: equal for equal texts at equal paths, in whatever order they were
 * read. Lengths keep texts apart.
 */
export async function sourceHash(sources: ReadonlyMap<string, SourceFile>): Promise<string> {
  const inOrder = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = inOrder.map(([path, { text }]) => `${path.length} ${text.length}\n${path}\n${text}\n`);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts.join('')));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
