import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Piece } from '../source/piece.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import type { SourceUnit } from './ast.ts';

/**
 * The statements, or heads of bodies, in which the parser lost something, from end to end of each: what is said of them
 * later may be no mistake of the user's. `losses` are its complaints; where a bracket is missing, the statement that
 * opened it is the one.
 */
export function damagedStatements(
  piece: Piece,
  losses: readonly Diagnostic[],
  statementEnds: readonly number[],
): readonly Span[] {
  const damaged = new Map<number, Span>();
  for (const { span, related } of losses) {
    const at = piece.offsetOf(related[0]?.span ?? span);
    const next = firstAtLeast(statementEnds, at + 1);
    const start = statementEnds[next - 1] ?? 0;
    damaged.set(start, piece.span(start, statementEnds[next] ?? piece.text.length));
  }
  return [...damaged.values()];
}

function firstAtLeast(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Whether a complaint only repeats that something could not be read: it is about what is left of a damaged statement, misses
 * a name that one mentions, or misses the end of a body that has one.
 */
export function isEcho(
  { code, span }: Diagnostic,
  { damaged, declarations }: SourceUnit,
  source: SourceFile,
): boolean {
  if (damaged.length === 0 || code.startsWith('N1') || code.startsWith('N6')) return false;
  if (damaged.some((lost) => lost.start <= span.start && span.start < lost.end)) return true;
  if (code === 'N2001' || code === 'N3013') {
    const name = source.slice(span);
    return damaged.some((lost) => mentions(source.slice(lost), name));
  }
  if (code !== 'N2009' && code !== 'N3009') return false;
  const start = declarations.findLast((declaration) => declaration.span.start <= span.start)?.span.start ?? 0;
  const end = declarations.find((declaration) => declaration.span.start > span.start)?.span.start ?? Infinity;
  return damaged.some((lost) => lost.end > start && lost.start < end);
}

function mentions(text: string, name: string): boolean {
  return text.split(/[^\p{L}\p{N}_]+/u).includes(name);
}
