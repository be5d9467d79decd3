import type { CstNode, IToken } from 'chevrotain';
import { end } from '../../../../grammar/brackets.ts';
import { errorAt, type DiagnosticDetails } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Code } from '../../diagnostics/codes.ts';
import type { Piece } from '../../source/piece.ts';
import type { Span } from '../../source/span.ts';
import type { ErrorExpr, Name } from '../ast.ts';

/**
 * What the builders share: the piece of text, the documentation comments, a place for their complaints. After recovery any
 * child of a concrete node may be missing, whatever its generated type says; {@link only} and {@link all} take care.
 */
export interface BuildContext {
  readonly piece: Piece;
  /** The `///` lines directly before a node, without their slashes. */
  readonly docsBefore: (node: Span) => readonly string[];
  readonly report: (diagnostic: Diagnostic) => void;
  /** Whether the parser lost something there. */
  readonly isLossIn: (place: Span) => boolean;
  /** How deep the expression under construction is nested in the syntax tree. */
  expressionDepth: number;
}

export function complain(
  context: BuildContext,
  code: Code,
  span: Span,
  message: string,
  details?: DiagnosticDetails,
): void {
  context.report(errorAt(code, span, message, details));
}

export function only<T>(children: readonly T[] | undefined): T | undefined {
  return children?.[0];
}

export function tokenSpan(context: BuildContext, token: IToken): Span {
  return context.piece.span(token.startOffset, end(token));
}

export function all<T>(children: readonly T[] | undefined): readonly T[] {
  return children ?? [];
}

/** The span of a node's tokens; where recovery left it empty, that of `fallback`. */
export function nodeSpan(context: BuildContext, node: CstNode | undefined, fallback: Span): Span {
  const location = node?.location;
  if (location?.endOffset === undefined || Number.isNaN(location.startOffset)) return fallback;
  return context.piece.span(location.startOffset, location.endOffset + 1);
}

export function name(context: BuildContext, token: IToken): Name {
  return { kind: 'Name', span: tokenSpan(context, token), text: token.image };
}

export function errorExpr(span: Span): ErrorExpr {
  return { kind: 'ErrorExpr', span };
}
