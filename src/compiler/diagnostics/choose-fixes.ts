import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import type { Diagnostic, Fix } from './diagnostic.ts';
import { inSourceOrder } from './in-source-order.ts';

/** A fix with the diagnostic that it mends. */
export interface ChosenFix {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

/**
 * Fixes that can be applied together. Where two would change the same place, the first in the order of the source is
 * taken: it may have mended what the other is about, and if not, the other is found again.
 */
export function chooseFixes(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceFile>,
): readonly ChosenFix[] {
  const chosen: ChosenFix[] = [];
  const taken: Span[] = [];
  for (const diagnostic of inSourceOrder(diagnostics, sources)) {
    const { fix } = diagnostic;
    if (fix === undefined || fix.edits.length === 0) continue;
    const spans = fix.edits.map(({ span }) => span);
    if (spans.some((span) => taken.some((other) => meet(span, other)))) continue;
    chosen.push({ diagnostic, fix });
    taken.push(...spans);
  }
  return chosen;
}

/** Whether two places overlap. Two that begin at one place do, even where both are empty: which text comes first? */
function meet(a: Span, b: Span): boolean {
  return a.file === b.file && (a.start === b.start || (a.start < b.end && b.start < a.end));
}
