import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../cli/check/unified-diff.ts';

/** Applies a patch as strictly as can be: every line that stays or goes must be there, where it is said to be. */
function patch(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let done = 0;
  const rows = diff.split('\n').slice(2);
  for (const [i, row] of rows.entries()) {
    const [, start, count] = /^@@ -(\d+),(\d+) /.exec(row) ?? [];
    if (start !== undefined) {
      const from = Number(start) - (count === '0' ? 0 : 1);
      out.push(...lines.slice(done, from));
      done = from;
    } else if (!row.startsWith('\\')) {
      const line = `${row.slice(1)}${rows[i + 1]?.startsWith('\\') === true ? '' : '\n'}`;
      if (!row.startsWith('+')) expect(lines[done++]).toBe(line);
      if (!row.startsWith('-')) out.push(line);
    }
  }
  return [...out, ...lines.slice(done)].join('');
}

describe('unifiedDiff', () => {
  test('shows three lines around a change, and changes that are far apart in parts', () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i + 1}\n`).join('');
    const after = before.replace('line 5\n', 'five\nand a half\n').replace('line 19\nline 20\n', 'line 19');
    expect(unifiedDiff('a.net', before, after)).toMatchInlineSnapshot(`
      "--- a/a.net
      +++ b/a.net
      @@ -2,7 +2,8 @@
       line 2
       line 3
       line 4
      -line 5
      +five
      +and a half
       line 6
       line 7
       line 8
      @@ -16,5 +17,4 @@
       line 16
       line 17
       line 18
      -line 19
      -line 20
      +line 19
      \\ No newline at end of file"
    `);
  });

  test('is nothing where nothing differs', () => {
    expect(unifiedDiff('a.net', 'x\n', 'x\n')).toBe('');
    expect(unifiedDiff('a.net', '', '')).toBe('');
  });

  test('makes of one text the other, whatever they are, by as few lines as can be', () => {
    const texts = fc
      .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 30 })
      .chain((lines) => fc.constantFrom('', 'end').map((end) => lines.join('') + end));
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const diff = unifiedDiff('x', before, after);
        if (before === after) expect(diff).toBe('');
        else expect(patch(before, diff)).toBe(after);
        const changed = diff.split('\n').slice(2).filter((row) => /^[+-]/.test(row)).length; // prettier-ignore
        expect(changed).toBe(leastChanges(before, after));
      }),
      { numRuns: 300 },
    );
  });
});

/** By the longest common subsequence, as textbooks have it. */
function leastChanges(before: string, after: string): number {
  const [a, b] = [before, after].map((text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  if (a === undefined || b === undefined) throw new Error('two texts');
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const line of a) {
    const next = [0];
    for (const [j, other] of b.entries())
      next.push(line === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    row = next;
  }
  return a.length + b.length - 2 * (row.at(-1) ?? 0);
}
