import { errorAt, type Diagnostic, type Related } from '../diagnostics/diagnostic.ts';
import { maxErrors, tooManyErrors } from '../diagnostics/first-errors.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { FindingsRecorder, type Findings, type Note } from './findings.ts';

/** What a program may be at most, so that a source which explodes is told so within a second. */
export const LIMITS = {
  /** Statements of all functions together. */
  statements: 400_000,
  /** Statements that unrolling has made, each turn being one too, and turns of one loop. */
  unrolled: 20_000,
  turns: 4_096,
  /** Functions of the IR: blocks, each for every choice of hyper-parameters that are no integers. */
  functions: 2_000,
  /** Elements of a list that is known element by element. */
  elements: 65_536,
  /** Conditions in one `where`, and what is kept in mind of all that was assumed on the way to a place. */
  conditions: 50,
  facts: 100,
  /** Loops of one body that leave a size opaque: each asks some ten questions of the prover. */
  irregularLoops: 150,
  /** Blocks that call each other. */
  depth: 64,
  warnings: 100,
} as const;

/** What those limits count of functions and their statements. */
export interface ProgramSize {
  readonly statements: number;
  readonly unrolled: number;
  readonly functions: number;
}

/** Of a long chain of instantiations, this many calls at either end are shown. */
const TRACE_ENDS = 3;

/** All that is said of a program: each mistake once, with the calls that led to it, and not without end. */
export class Complaints {
  readonly diagnostics: Diagnostic[] = [];
  private readonly keys = new Set<string>();
  /** The instantiations around the place at hand, outermost first. */
  private readonly trace: Related[] = [];
  readonly notes: Note[] = [];
  /** What is being recorded, innermost last: each finding belongs to the innermost. */
  private readonly recorders: FindingsRecorder[] = [];
  private errors = 0;
  private warnings = 0;
  private statements = 0;
  private unrolled = 0;
  private functions = 0;
  private isTooLarge = false;
  private isTooDeep = false;

  get errorCount(): number {
    return this.errors;
  }

  /** Nothing more is worth checking: the program is too large, or too much is wrong with it. */
  get isExhausted(): boolean {
    return this.isTooLarge || this.errors >= maxErrors;
  }

  report(diagnostic: Diagnostic, cx: Context): void {
    const isMade = cx.purpose === 'function' || cx.purpose === 'trial';
    const related = isMade ? [...diagnostic.related, ...this.calls()] : diagnostic.related;
    this.say({ ...diagnostic, related });
  }

  private say(diagnostic: Diagnostic): void {
    // What is said of a program that is not looked at to its end need not be true.
    if (this.isExhausted) return;
    this.recorders.at(-1)?.diagnostics.push(diagnostic);
    // A mistake in a block is one and the same in all its variants and instantiations.
    const { span, code, message, severity } = diagnostic;
    const key = `${code} ${span.start} ${span.end} ${span.file} ${message}`;
    if (this.keys.has(key)) return;
    this.keys.add(key);
    if (severity === 'warning' && ++this.warnings > LIMITS.warnings) return;
    this.diagnostics.push(diagnostic);
    if (severity !== 'error') return;
    this.errors++;
    if (this.errors !== maxErrors) return;
    this.diagnostics.push(tooManyErrors(span));
  }

  /** Notes what a name is bound to. */
  note(note: Note): void {
    this.notes.push(note);
    this.recorders.at(-1)?.notes.push(note);
  }

  /** Takes back a note that was made in an attempt. */
  dropNote(note: Note): void {
    for (const notes of [this.notes, this.recorders.at(-1)?.notes ?? []]) {
      const at = notes.lastIndexOf(note);
      if (at >= 0) notes.splice(at, 1);
    }
  }

  /** Runs a check and keeps what it finds, but not what others find that it leads to and that are recorded themselves. */
  record<T>(run: () => T): { readonly result: T; readonly findings: Findings } {
    const findings = new FindingsRecorder();
    this.recorders.push(findings);
    try {
      return { result: run(), findings };
    } finally {
      this.recorders.pop();
    }
  }

  /** Gives what was recorded to whoever records around it, too. */
  carry(findings: Findings): void {
    const outer = this.recorders.at(-1);
    if (outer === undefined) return;
    outer.diagnostics.push(...findings.diagnostics);
    outer.notes.push(...findings.notes);
    outer.statements += findings.statements;
    outer.unrolled += findings.unrolled;
    outer.functions += findings.functions;
  }

  /** Says and counts again what a check found that need not be run again. */
  repeat(findings: Findings): void {
    for (const diagnostic of findings.diagnostics) this.say(diagnostic);
    for (const note of findings.notes) this.note(note);
    this.count(findings);
  }

  private count({ statements, unrolled, functions }: ProgramSize): void {
    this.statements += statements;
    this.unrolled += unrolled;
    this.functions += functions;
    const recorder = this.recorders.at(-1);
    if (recorder === undefined) return;
    recorder.statements += statements;
    recorder.unrolled += unrolled;
    recorder.functions += functions;
  }

  /** Runs what a call leads to; complaints meanwhile say so. */
  within<T>(call: Related, run: () => T): T {
    this.trace.push(call);
    try {
      return run();
    } finally {
      this.trace.pop();
    }
  }

  /** The calls around the place at hand, innermost first. */
  private calls(): readonly Related[] {
    const calls = this.trace.toReversed();
    const left = calls.length - 2 * TRACE_ENDS;
    const first = calls[TRACE_ENDS];
    if (left < 2 || first === undefined) return calls;
    const omitted = { ...first, message: `and so on, through ${left} calls`, role: 'omitted' } as const;
    return calls.toSpliced(TRACE_ENDS, left, omitted);
  }

  /** Counts a statement of the IR, and complains of the first that is too much. */
  countStatement(cx: Context, span: Span): void {
    this.count({ statements: 1, unrolled: cx.region.isUnrolled ? 1 : 0, functions: 0 });
    const help = 'use a loop over a range, which is not unrolled, or a block that is called several times';
    if (this.statements > LIMITS.statements) {
      const message = `\`${cx.name}\` makes the program larger than ${LIMITS.statements} statements`;
      this.tooLarge(cx, errorAt('N6001', span, message, { help }));
    } else if (this.unrolled > LIMITS.unrolled) {
      const message = `unrolled, the loops of the program have more than ${LIMITS.unrolled} statements`;
      this.tooLarge(cx, errorAt('N6001', span, message, { help }));
    }
  }

  /** Counts a function of the IR in the same way. */
  countFunction(cx: Context, span: Span): void {
    this.count({ statements: 0, unrolled: 0, functions: 1 });
    if (this.functions <= LIMITS.functions) return;
    const message = `the blocks of the program are instantiated in more than ${LIMITS.functions} ways`;
    const help = 'blocks may be called often, but not each time with other floats, strings or lists';
    this.tooLarge(cx, errorAt('N6001', span, message, { help }));
  }

  /** Whether the program may be larger by this much. */
  hasRoomFor({ statements, unrolled, functions }: ProgramSize): boolean {
    return (
      this.statements + statements <= LIMITS.statements &&
      this.unrolled + unrolled <= LIMITS.unrolled &&
      this.functions + functions <= LIMITS.functions
    );
  }

  /** For good: it is no part of an attempt that might be taken back, since nothing is checked after it. */
  private tooLarge(cx: Context, diagnostic: Diagnostic): void {
    this.report(diagnostic, cx);
    this.isTooLarge = true;
  }

  tooDeep(cx: Context, span: Span): undefined {
    if (!this.isTooDeep) cx.error('N6003', span, `blocks call each other more than ${LIMITS.depth} deep`);
    this.isTooDeep = true;
    return undefined;
  }
}
