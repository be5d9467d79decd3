import { describe, expect, test } from 'vitest';
import { AnsweredComplaints } from '../../../cli/check/answered-complaints.ts';
import { errorAt, fixAt, type Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { textEdit } from '../../../src/compiler/source/text-edit.ts';
import { Span } from '../../../src/compiler/source/span.ts';

/** A complaint about what is from `start` to before `end`, and a fix that puts `text` at `at`. */
function complaint(start: number, end: number, at: number, text = ', C % 3 == 0'): Diagnostic {
  const fix = fixAt('Add it', Span.of('a.net', at, at), text);
  return errorAt('N4005', Span.of('a.net', start, end), 'it is not exact', { fix });
}

/** What is known once the fix of a complaint has been applied. */
function after(diagnostic: Diagnostic): AnsweredComplaints {
  const answered = new AnsweredComplaints();
  answered.add('/a.net', diagnostic);
  answered.move('/a.net', (diagnostic.fix?.edits ?? []).map(textEdit));
  return answered;
}

describe('a fix that was applied is not applied again', () => {
  test('where its text stands behind the place', () => {
    expect(after(complaint(10, 15, 19)).includes('/a.net', complaint(10, 15, 31))).toBe(true);
  });

  test('where its text stands before the place, or at its beginning', () => {
    expect(after(complaint(10, 15, 5)).includes('/a.net', complaint(22, 27, 5))).toBe(true);
    expect(after(complaint(10, 15, 10)).includes('/a.net', complaint(22, 27, 22))).toBe(true);
  });

  test('where other fixes have moved the place since', () => {
    const answered = after(complaint(10, 15, 19));
    answered.move('/a.net', [{ start: 0, end: 2, text: '12345' }]);
    answered.move('/other.net', [{ start: 0, end: 2, text: '12345' }]);
    expect(answered.includes('/a.net', complaint(13, 18, 34))).toBe(true);
  });
});

describe('a fix is applied', () => {
  test('at another place, in another file, and for another complaint', () => {
    const answered = after(complaint(10, 15, 19));
    expect(answered.includes('/a.net', complaint(40, 45, 50))).toBe(false);
    expect(answered.includes('/b.net', complaint(10, 15, 31))).toBe(false);
    expect(answered.includes('/a.net', { ...complaint(10, 15, 31), message: 'another' })).toBe(false);
  });

  test('once more where it takes something away, of which there may be more', () => {
    expect(after(complaint(10, 11, 10, '')).includes('/a.net', complaint(10, 11, 10, ''))).toBe(false);
  });
});
