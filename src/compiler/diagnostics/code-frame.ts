import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import { characterWidth, displayWidth } from './display-width.ts';
import { expandTabs } from './expand-tabs.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** A place of a frame with what is said about it. The primary one is what the diagnostic complains of. */
export interface Label {
  readonly span: Span;
  readonly message: string;
  readonly primary: boolean;
}

/** The part of a line that a label underlines, in columns of the terminal, and what stands after the underline. */
interface Mark {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly primary: boolean;
}

/** Longer lines are cut to the part around their marks. */
const maxColumns = 140;

/** Of longer lines, in UTF-16 units, only this much around the first place is looked at: columns have to be counted. */
const maxMeasured = 2000;

/** What is shown of a line: its text, and how much of the line stands before it. */
interface Excerpt {
  readonly text: string;
  readonly skipped: number;
}

/** The lines of a source, long ones cut to the part around the first place that a label has there. */
class Excerpts {
  private readonly source: SourceFile;
  /** Of every line on which a label begins or ends, the first place, from 0. */
  private readonly places = new Map<number, number>();

  constructor(source: SourceFile, labels: readonly Label[]) {
    this.source = source;
    for (const { span } of labels) {
      for (const offset of [span.start, span.end]) {
        const { line, column } = source.position(offset);
        this.places.set(line, Math.min(this.places.get(line) ?? Infinity, column - 1));
      }
    }
  }

  of(line: number): Excerpt {
    const text = this.source.line(line);
    const skipped =
      text.length <= maxMeasured ? 0 : Math.max(0, (this.places.get(line) ?? 0) - maxMeasured / 2);
    return { text: text.slice(skipped, skipped + maxMeasured), skipped };
  }
}

/**
 * The lines of a source that the labels are about, each with its number and its underlines: `^` for the primary
 * place, `-` for the others. Lines that are left out between two are shown as `...`.
 */
export function codeFrame(
  source: SourceFile,
  labels: readonly Label[],
  gutter: number,
  style: Style,
): string[] {
  const excerpts = new Excerpts(source, labels);
  const marks = labels.flatMap((label) => marksOf(source, excerpts, label));
  const lines = [...new Set(marks.map((mark) => mark.line))].sort((a, b) => a - b);
  const out: string[] = [];
  let last: number | undefined;
  for (const line of lines) {
    if (last !== undefined && line === last + 2) out.push(numbered(excerpts, line - 1, gutter, style, 0));
    else if (last !== undefined && line > last + 2) out.push(style.gutter('...'));
    out.push(...frameLine(excerpts, line, marks, gutter, style));
    last = line;
  }
  return out;
}

function frameLine(
  excerpts: Excerpts,
  line: number,
  marks: readonly Mark[],
  gutter: number,
  style: Style,
): string[] {
  const here = marks
    .filter((mark) => mark.line === line)
    .sort((a, b) => Number(b.primary) - Number(a.primary) || a.from - b.from);
  const start = windowStart(here);
  const underlines = here.map(({ from, to, message, primary }) => {
    const colour = primary ? style.primary : style.secondary;
    const end = Math.min(to, start + maxColumns);
    const underline = (primary ? '^' : '-').repeat(Math.max(1, end - from));
    const text = message === '' ? underline : `${underline} ${printable(message)}`;
    return `${style.gutter(`${' '.repeat(gutter)} |`)} ${' '.repeat(from - start)}${colour(text)}`;
  });
  return [numbered(excerpts, line, gutter, style, start), ...underlines];
}

function windowStart(marks: readonly Mark[]): number {
  const first = Math.min(...marks.map((mark) => mark.from));
  const last = Math.max(...marks.map((mark) => Math.min(mark.to, mark.from + 40)));
  return last <= maxColumns ? 0 : Math.max(0, first - 20);
}

function numbered(excerpts: Excerpts, line: number, gutter: number, style: Style, start: number): string {
  const text = cut(expandTabs(excerpts.of(line).text), start);
  const prefix = style.gutter(`${String(line).padStart(gutter)} |`);
  return text === '' ? prefix : `${prefix} ${text}`;
}

/** The columns from `start` to `start + maxColumns`, with `…` where something was cut off. */
function cut(text: string, start: number): string {
  let column = 0;
  let out = '';
  for (const character of text) {
    const width = characterWidth(character);
    if (column >= start + maxColumns) return `${out}…`;
    if (column >= start) out += column === start && start > 0 ? '…'.padEnd(width) : character;
    else if (column + width > start) out += '…';
    column += width;
  }
  return out.trimEnd();
}

/** Where a label's span lies: on one line, or on its first and last. The message stands at the last mark. */
function marksOf(source: SourceFile, excerpts: Excerpts, { span, message, primary }: Label): Mark[] {
  const start = source.position(span.start);
  // A span that ends with line breaks ends, for the reader, where its last visible character does.
  const trimmed = source.slice(span).trimEnd().length;
  const end = source.position(trimmed === 0 ? span.start : span.start + trimmed);
  const first = excerpts.of(start.line);
  const from = column(first, start.column);
  if (end.line === start.line) {
    const to = Math.max(from + 1, column(first, end.column));
    return [{ line: start.line, from, to, message, primary }];
  }
  const last = excerpts.of(end.line);
  const indent = last.text.length - last.text.trimStart().length + 1;
  return [
    { line: start.line, from, to: displayWidth(expandTabs(first.text)), message: '', primary },
    {
      line: end.line,
      from: column(last, last.skipped + indent),
      to: column(last, end.column),
      message,
      primary,
    },
  ];
}

/** The column of the terminal, from 0, at which the character of a UTF-16 column (from 1) of the whole line begins. */
function column({ text, skipped }: Excerpt, utf16Column: number): number {
  return displayWidth(expandTabs(text.slice(0, Math.max(0, utf16Column - 1 - skipped))));
}
