import { errorAt, type Diagnostic } from './diagnostic.ts';
import type { Span } from '../source/span.ts';

/** More errors than these help nobody: they come from a few mistakes, or from something that is no source. */
export const maxErrors = 100;

/** What is said in place of all further errors. */
export function tooManyErrors(at: Span): Diagnostic {
  return errorAt('N6001', at, `there are more than ${maxErrors} errors; the rest is not looked for`);
}

/** The diagnostics up to the last error that is shown, and a word on the rest. */
export function firstErrors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  let errors = 0;
  const excess = diagnostics.findIndex(({ severity }) => severity === 'error' && ++errors > maxErrors);
  const first = diagnostics[excess];
  return first === undefined ? diagnostics : [...diagnostics.slice(0, excess), tooManyErrors(first.span)];
}
