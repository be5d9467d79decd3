import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { TextEdit } from '../../src/compiler/source/text-edit.ts';

interface Answered extends Pick<Diagnostic, 'code' | 'message'> {
  readonly path: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The complaints for which a fix has put text into a file, and where their places are by now. One that is still made there was
 * not mended: the same text once more would help no more.
 */
export class AnsweredComplaints {
  private answered: readonly Answered[] = [];

  /** Whether the fix of a complaint about a file was applied before, and has left the complaint as it was. */
  includes(path: string, { code, message, span, fix }: Diagnostic): boolean {
    return this.answered.some(
      (one) =>
        one.path === path &&
        one.code === code &&
        one.message === message &&
        one.title === fix?.title &&
        one.start <= span.start &&
        span.end <= one.end,
    );
  }

  /** Notes a complaint whose fix is about to be applied. A fix that only takes away comes to an end by itself. */
  add(path: string, { code, message, span: { start, end }, fix }: Diagnostic): void {
    if (fix === undefined || fix.edits.every(({ text }) => text === '')) return;
    this.answered = [...this.answered, { path, code, message, title: fix.title, start, end }];
  }

  /** Moves the places in a file with edits of it. What is put at the beginning of a place belongs to it. */
  move(path: string, edits: readonly TextEdit[]): void {
    const moved = (offset: number): number =>
      edits
        .filter(({ start, end }) => start < offset && end <= offset)
        .reduce((sum, { start, end, text }) => sum + text.length - (end - start), offset);
    this.answered = this.answered.map((one) =>
      one.path === path ? { ...one, start: moved(one.start), end: moved(one.end) } : one,
    );
  }
}
