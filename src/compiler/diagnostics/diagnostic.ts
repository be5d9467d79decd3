import type { Span } from '../source/span.ts';
import type { Code } from './codes.ts';

export type Severity = 'error' | 'warning';

/** A second place that explains the first: where a size came from, where a name was declared. */
export interface Related {
  readonly span: Span;
  readonly message: string;
  /**
   * Calls that led to the mistake are a list of their own, the innermost first, and no labels of the place itself.
   * `omitted` stands for those in the middle of a long list, and is shown without its place.
   */
  readonly role?: 'call' | 'omitted';
}

/** Puts `text` in the place of a span; an empty span is a place to insert at. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A change of the source that mends what the diagnostic complains of: all edits or none, and no two overlap. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
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
