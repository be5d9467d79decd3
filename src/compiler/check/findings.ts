import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Name } from '../syntax/ast.ts';
import type { Val } from './value.ts';

/** What a name is bound to, for editors: the shape of a tensor, the value of a size. */
export interface Note {
  readonly name: Name;
  readonly val: Val;
  /** Whether its type is written beside it. */
  readonly isTyped: boolean;
}

/**
 * What was said, noted and counted while a part of a program was checked: enough to do so again when that part need not
 * be checked again.
 */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly Note[];
  readonly statements: number;
  readonly unrolled: number;
  readonly functions: number;
}

export class FindingsRecorder implements Findings {
  readonly diagnostics: Diagnostic[] = [];
  readonly notes: Note[] = [];
  statements = 0;
  unrolled = 0;
  functions = 0;
}
