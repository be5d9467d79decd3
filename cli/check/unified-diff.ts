/** Lines around a change that show where it is. */
const context = 3;

type Row = readonly [mark: ' ' | '-' | '+', line: string];

/** A run of rows that belong together, with the numbers of their first lines. */
interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly rows: readonly Row[];
}

/** The difference of two texts as `git apply` and `patch -p1` take it; an empty text where there is none. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const hunks = hunksOf(rowsOf(linesOf(before), linesOf(after)));
  if (hunks.length === 0) return '';
  return [`--- a/${path}`, `+++ b/${path}`, ...hunks.flatMap(printHunk)].join('\n');
}

/** Lines with what ends them, so that a difference of ends is one too. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * The shortest way from one text to the other: Myers, "An O(ND) Difference Algorithm and Its Variations", 1986. Of each
 * number of differences, `ends` has how far one comes on each diagonal (lines of the old text less those of the new).
 */
function rowsOf(old: readonly string[], now: readonly string[]): readonly Row[] {
  const trace: Map<number, number>[] = [];
  for (let differences = 0; ; differences++) {
    const last = trace.at(-1) ?? new Map([[1, 0]]);
    const ends = new Map<number, number>();
    trace.push(ends);
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = start(last, diagonal);
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x++;
      ends.set(diagonal, x);
      if (x >= old.length && x - diagonal >= now.length) return wayBack(trace, old, now);
    }
  }
}

/** Where a diagonal is entered: from the one above by a line that comes, or from the one below by a line that goes. */
function start(last: ReadonlyMap<number, number>, diagonal: number): number {
  const [coming, going] = [last.get(diagonal + 1) ?? -1, last.get(diagonal - 1) ?? -1];
  return coming > going ? coming : going + 1;
}

function wayBack(
  trace: readonly ReadonlyMap<number, number>[],
  old: readonly string[],
  now: readonly string[],
): readonly Row[] {
  const rows: Row[] = [];
  let [x, y] = [old.length, now.length];
  for (let differences = trace.length - 1; differences >= 0; differences--) {
    const last = trace[differences - 1];
    const from = last === undefined ? 0 : start(last, x - y);
    while (x > from && y > 0 && old[x - 1] === now[y - 1]) {
      rows.push([' ', old[--x] ?? '']);
      y--;
    }
    if (last === undefined) break;
    const isComing = (last.get(x - y + 1) ?? -1) > (last.get(x - y - 1) ?? -1);
    if (isComing) rows.push(['+', now[--y] ?? '']);
    else rows.push(['-', old[--x] ?? '']);
  }
  return rows.reverse();
}

function hunksOf(rows: readonly Row[]): readonly Hunk[] {
  const near = rows.map((_, i) => rows.slice(Math.max(0, i - context), i + context + 1).some(([mark]) => mark !== ' ')); // prettier-ignore
  const hunks: { oldStart: number; newStart: number; rows: Row[] }[] = [];
  let [oldLine, newLine] = [1, 1];
  for (const [i, row] of rows.entries()) {
    if (near[i] === true) {
      if (near[i - 1] !== true) hunks.push({ oldStart: oldLine, newStart: newLine, rows: [] });
      hunks.at(-1)?.rows.push(row);
    }
    if (row[0] !== '+') oldLine++;
    if (row[0] !== '-') newLine++;
  }
  return hunks;
}

function printHunk({ oldStart, newStart, rows }: Hunk): string[] {
  const range = (start: number, without: Row[0]): string => {
    const count = rows.filter(([mark]) => mark !== without).length;
    // Of nothing, the line before it is named.
    return `${count === 0 ? start - 1 : start},${count}`;
  };
  const lines = rows.flatMap(([mark, line]) =>
    line.endsWith('\n')
      ? [`${mark}${line.slice(0, -1)}`]
      : [`${mark}${line}`, '\\ No newline at end of file'],
  );
  return [`@@ -${range(oldStart, '+')} +${range(newStart, '-')} @@`, ...lines];
}
