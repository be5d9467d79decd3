import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';

/**
 * Sorts syntax errors by place and keeps the first of each statement (or head of a body): what the parser says after
 * it has lost its way helps nobody. What is wrong with characters and literals is said in any case.
 */
export function onePerStatement(
  diagnostics: readonly Diagnostic[],
  statementEnds: readonly Span[],
): readonly Diagnostic[] {
  const sorted = diagnostics.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const kept: Diagnostic[] = [];
  let statement = 0;
  let reported = -1;
  for (const diagnostic of sorted) {
    while ((statementEnds[statement]?.start ?? Infinity) < diagnostic.span.start) statement++;
    if (diagnostic.code === 'N1002' && reported === statement) continue;
    reported = statement;
    kept.push(diagnostic);
  }
  return kept;
}
