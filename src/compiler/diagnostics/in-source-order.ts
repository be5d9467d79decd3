import type { SourceFile } from '../source/source-file.ts';
import type { Diagnostic } from './diagnostic.ts';

/**
 * Diagnostics as a reader meets their places: files in the order in which they were read, places from the top. One
 * that says the same about the same place as another is left out: a block checked twice complains twice.
 */
export function inSourceOrder(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceFile>,
): readonly Diagnostic[] {
  const order = new Map([...sources.keys()].map((path, index) => [path, index]));
  const rank = ({ span }: Diagnostic): number => order.get(span.file) ?? -1;
  const distinct = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { code, message, span } = diagnostic;
    const key = [code, span.file, span.start, span.end, message].join('\0');
    if (!distinct.has(key)) distinct.set(key, diagnostic);
  }
  return [...distinct.values()].sort(
    (a, b) => rank(a) - rank(b) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}
