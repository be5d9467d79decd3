import type { SourceFile } from '../source/source-file.ts';
import { applyEdits } from '../source/text-edit.ts';
import type { Edit } from './diagnostic.ts';
import { expandTabs } from './expand-tabs.ts';
import type { Style } from './style.ts';

/** More lines than these are not shown: `netc check --fix --dry-run` shows all. */
const maxLines = 12;
/** Of the lines that go, where there are too many. */
const maxRemoved = 3;
/** Longer lines are cut to the part around the change, of which this much before it, in UTF-16 units. */
const maxLength = 140;
const lead = 40;

/** Lines that edits change: those that go, and those that come in their place. */
interface Change {
  /** The number of the first line that goes, or that of the line before which others come. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The lines of a source that edits of it change: as they are, with `-`, and as they would be, with `+`. */
export function fixFrame(
  source: SourceFile,
  edits: readonly Edit[],
  gutter: number,
  style: Style,
): readonly string[] {
  const changes = groupByLines(source, edits).map((group) => changeBy(source, group));
  const length = changes.reduce((sum, { removed, added }) => sum + removed.length + added.length, 0);
  const rows = changes.flatMap(({ line, removed, added }, i) => {
    // What goes is there to be read; there is no other place for what comes.
    const isCut = length > maxLines && added.length > 0 && removed.length > maxRemoved;
    const from = windowStart(removed[0] ?? '', added[0] ?? '');
    const row = (mark: '-' | '+', text: string, index: number): string => {
      const number = style.gutter(String(line + index).padStart(gutter));
      // A line that is put before a long one, or behind it, has a beginning of its own.
      const shown = `${mark} ${expandTabs(excerpt(text, from < text.length ? from : 0))}`.trimEnd();
      return `${number} ${mark === '-' ? style.removed(shown) : style.added(shown)}`;
    };
    return [
      ...(i === 0 ? [] : [style.gutter('...')]),
      ...removed.slice(0, isCut ? maxRemoved : undefined).map((text, index) => row('-', text, index)),
      ...(isCut ? [style.gutter('...')] : []),
      ...added.map((text, index) => row('+', text, index)),
    ];
  });
  return rows.length > maxLines ? [...rows.slice(0, maxLines - 1), style.gutter('...')] : rows;
}

/** Edits on one line, or on lines that follow each other, are one change. */
function groupByLines(source: SourceFile, edits: readonly Edit[]): readonly (readonly Edit[])[] {
  const groups: Edit[][] = [];
  let last = -1;
  for (const edit of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    const follows = source.position(edit.span.start).line <= last + 1;
    if (follows) groups.at(-1)?.push(edit);
    else groups.push([edit]);
    last = source.position(edit.span.end).line;
  }
  return groups;
}

function changeBy(source: SourceFile, group: readonly Edit[]): Change {
  const first = group[0]?.span.start ?? 0;
  const { line, column } = source.position(first);
  const start = first - (column - 1);
  const lineEnd = source.text.indexOf('\n', Math.max(...group.map(({ span }) => span.end)));
  const old = source.text.slice(start, lineEnd < 0 ? source.text.length : lineEnd);
  const edits = group.map(({ span, text }) => ({ start: span.start - start, end: span.end - start, text }));
  return changedLines(line, lines(old), lines(applyEdits(old, edits)));
}

/** Without the lines at begin and end that stay as they are. */
function changedLines(line: number, old: readonly string[], now: readonly string[]): Change {
  const common = Math.min(old.length, now.length);
  let before = 0;
  while (before < common && old[before] === now[before]) before++;
  let after = 0;
  while (after < common - before && old.at(-1 - after) === now.at(-1 - after)) after++;
  return {
    line: line + before,
    removed: old.slice(before, old.length - after),
    added: now.slice(before, now.length - after),
  };
}

const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.replace(/\r$/, ''));

function windowStart(removed: string, added: string): number {
  if (removed.length <= maxLength && added.length <= maxLength) return 0;
  let at = 0;
  while (at < removed.length && removed[at] === added[at]) at++;
  return Math.max(0, at - lead);
}

function excerpt(text: string, from: number): string {
  const end = from + maxLength;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`;
}
