import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/**
 * Sorts syntax errors by place and keeps the first of each statement (or head of a body): what the parser says after
 * it has lost its way helps nobody. Errors in literals and characters are independent and all stay.
 */
export function onePerStatement(
  diagnostics: readonly Diagnostic[],
  statementEnds: readonly number[],
): readonly Diagnostic[] {
  const sorted = diagnostics.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const kept: Diagnostic[] = [];
  let statement = 0;
  let reported = -1;
  for (const diagnostic of sorted) {
    while ((statementEnds[statement] ?? Infinity) < diagnostic.span.start) statement++;
    if (diagnostic.code === 'N1002') {
      if (reported === statement) continue;
      reported = statement;
    }
    kept.push(diagnostic);
  }
  return kept;
}
