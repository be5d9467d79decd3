import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import { characterWidth, displayWidth } from './display-width.ts';
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

const tabStop = 4;
/** Longer lines are cut to the part around their marks. */
const maxColumns = 140;

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
  const marks = labels.flatMap((label) => marksOf(source, label));
  const lines = [...new Set(marks.map((mark) => mark.line))].sort((a, b) => a - b);
  const out: string[] = [];
  let last: number | undefined;
  for (const line of lines) {
    if (last !== undefined && line === last + 2) out.push(numbered(source, line - 1, gutter, style, 0));
    else if (last !== undefined && line > last + 2) out.push(style.gutter('...'));
    out.push(...frameLine(source, line, marks, gutter, style));
    last = line;
  }
  return out;
}

function frameLine(
  source: SourceFile,
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
  return [numbered(source, line, gutter, style, start), ...underlines];
}

function windowStart(marks: readonly Mark[]): number {
  const first = Math.min(...marks.map((mark) => mark.from));
  const last = Math.max(...marks.map((mark) => Math.min(mark.to, mark.from + 40)));
  return last <= maxColumns ? 0 : Math.max(0, first - 20);
}

function numbered(source: SourceFile, line: number, gutter: number, style: Style, start: number): string {
  const text = cut(expandTabs(source.line(line)), start);
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
function marksOf(source: SourceFile, { span, message, primary }: Label): Mark[] {
  const start = source.position(span.start);
  // A span that ends with line breaks ends, for the reader, where its last visible character does.
  const trimmed = source.slice(span).trimEnd().length;
  const end = source.position(trimmed === 0 ? span.start : span.start + trimmed);
  const first = source.line(start.line);
  const from = column(first, start.column);
  if (end.line === start.line) {
    const to = Math.max(from + 1, column(first, end.column));
    return [{ line: start.line, from, to, message, primary }];
  }
  const last = source.line(end.line);
  const indent = last.length - last.trimStart().length + 1;
  return [
    { line: start.line, from, to: displayWidth(expandTabs(first)), message: '', primary },
    { line: end.line, from: column(last, indent), to: column(last, end.column), message, primary },
  ];
}

/** The column of the terminal, from 0, at which the character of a UTF-16 column (from 1) begins. */
function column(line: string, utf16Column: number): number {
  return displayWidth(expandTabs(line.slice(0, utf16Column - 1)));
}

function expandTabs(line: string): string {
  let out = '';
  let at = 0;
  for (const character of line) {
    const text = character === '\t' ? ' '.repeat(tabStop - (at % tabStop)) : printable(character);
    out += text;
    at += displayWidth(text);
  }
  return out;
}
