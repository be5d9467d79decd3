import type { CstNode, IToken } from 'chevrotain';
import { end } from '../../../../grammar/brackets.ts';
import { errorAt, type DiagnosticDetails } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Code } from '../../diagnostics/codes.ts';
import type { Span } from '../../source/span.ts';
import type { ErrorExpr, Name } from '../ast.ts';

/**
 * What the builders share: the file, the documentation comments, a place for their complaints. After recovery any
 * child of a concrete node may be missing, whatever its generated type says; {@link only} and {@link all} take care.
 */
export interface BuildContext {
  readonly file: string;
  /** The `///` lines directly before an offset, without their slashes. */
  readonly docsBefore: (offset: number) => readonly string[];
  readonly report: (diagnostic: Diagnostic) => void;
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
  return { file: context.file, start: token.startOffset, end: end(token) };
}

export function all<T>(children: readonly T[] | undefined): readonly T[] {
  return children ?? [];
}

/** The span of a node's tokens; where recovery left it empty, that of `fallback`. */
export function nodeSpan(context: BuildContext, node: CstNode | undefined, fallback: Span): Span {
  const location = node?.location;
  if (location?.endOffset === undefined || Number.isNaN(location.startOffset)) return fallback;
  return { file: context.file, start: location.startOffset, end: location.endOffset + 1 };
}

export function name(context: BuildContext, token: IToken): Name {
  return { kind: 'Name', span: tokenSpan(context, token), text: token.image };
}

export function errorExpr(span: Span): ErrorExpr {
  return { kind: 'ErrorExpr', span };
}
