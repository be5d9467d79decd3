import { describe, expect, test } from 'vitest';
import { applyEdits, textEdit } from '../../../src/compiler/source/text-edit.ts';
import { chooseFixes } from '../../../src/compiler/diagnostics/choose-fixes.ts';
import { errorAt, type Diagnostic, type Edit } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { Span } from '../../../src/compiler/source/span.ts';

const text = 'abcdefgh';
const sources = new Map(['a.net', 'b.net'].map((path) => [path, new SourceFile(path, text)]));

const edit = (start: number, end: number, put: string, file = 'a.net'): Edit => ({
  span: Span.of(file, start, end),
  text: put,
});

/** A diagnostic at the first edit of its fix. */
function wanting(...edits: readonly Edit[]): Diagnostic {
  const span = edits[0]?.span ?? Span.of('a.net', 0, 0);
  return errorAt('N2001', span, JSON.stringify(edits), { fix: { title: 'Mend it', edits } });
}

const chosen = (...diagnostics: readonly Diagnostic[]): readonly (readonly Edit[])[] =>
  chooseFixes(diagnostics, sources).map(({ fix }) => fix.edits);

describe('chooseFixes', () => {
  const [ab, bc, cd] = [edit(0, 2, 'x'), edit(1, 3, 'y'), edit(2, 4, 'z')];

  test('takes all that do not meet, in the order of the source', () => {
    expect(chosen(wanting(cd), wanting(ab))).toEqual([[ab], [cd]]);
    expect(chosen(wanting(ab), wanting(edit(1, 3, 'y', 'b.net')))).toHaveLength(2);
  });

  test('takes the first where two meet', () => {
    expect(chosen(wanting(bc), wanting(ab))).toEqual([[ab]]);
    expect(chosen(wanting(edit(0, 8, '')), wanting(cd))).toHaveLength(1);
    expect(chosen(wanting(edit(3, 3, 'x')), wanting(edit(3, 3, 'y')))).toHaveLength(1);
    expect(chosen(wanting(ab), wanting(edit(0, 0, 'y')))).toHaveLength(1);
  });

  test('takes a fix whole or not at all', () => {
    expect(chosen(wanting(ab), wanting(edit(6, 7, 'v'), bc))).toEqual([[ab]]);
    expect(chosen(wanting(ab, edit(6, 7, 'v')), wanting(edit(5, 8, '')))).toHaveLength(1);
  });

  test('wants something to do', () => {
    expect(chosen(wanting(), errorAt('N2001', ab.span, 'without a fix'))).toEqual([]);
  });
});

describe('applyEdits', () => {
  test('puts texts in the place of spans, in whatever order they come', () => {
    expect(
      applyEdits(text, [edit(6, 8, ''), edit(0, 1, 'A'), edit(3, 3, '---'), edit(3, 4, 'D')].map(textEdit)),
    ).toBe('Abc---Def');
    expect(applyEdits(text, [].map(textEdit))).toBe(text);
    expect(applyEdits('', [edit(0, 0, 'new')].map(textEdit))).toBe('new');
  });

  test('refuses edits that overlap', () => {
    expect(() => applyEdits(text, [edit(0, 3, ''), edit(2, 4, '')].map(textEdit))).toThrow(
      'two edits overlap',
    );
  });
});
