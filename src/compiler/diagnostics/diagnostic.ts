import type { Span } from '../source/span.ts';
import type { Code } from './codes.ts';

export type Severity = 'error' | 'warning';

/** A second place that explains the first: where a size came from, where a name was declared. */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

/** A change of the source that mends what the diagnostic complains of. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
}

/** A fix of one edit: `text` in place of a span, which may be empty. */
export function fixAt(title: string, span: Span, text: string): Fix {
  return { title, edits: [{ span, text }] };
}

/**
 * What the user did wrong, where, why, and how to mend it. Values, never exceptions: a phase returns its result and
 * its diagnostics. `notes` are further sentences (both shapes, the counterexample); `help` is the remedy.
 */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  readonly notes: readonly string[];
  readonly help?: string;
  readonly fix?: Fix;
}

export interface DiagnosticDetails {
  readonly related?: readonly Related[];
  readonly notes?: readonly string[];
  readonly help?: string;
  readonly fix?: Fix;
}

export function errorAt(
  code: Code,
  span: Span,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    span,
    related: details.related ?? [],
    notes: details.notes ?? [],
    ...(details.help === undefined ? {} : { help: details.help }),
    ...(details.fix === undefined ? {} : { fix: details.fix }),
  };
}

export function warningAt(
  code: Code,
  span: Span,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return { ...errorAt(code, span, message, details), severity: 'warning' };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
