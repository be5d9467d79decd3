import type { Position, Range } from 'vscode-languageserver';
import type { SourceFile } from '../compiler/source/source-file.ts';
import type { Span } from '../compiler/source/span.ts';

/** Between offsets and the protocol's lines and characters, which start at 0. Both count UTF-16 units. */

export function toPosition(source: SourceFile, offset: number): Position {
  const { line, column } = source.position(offset);
  return { line: line - 1, character: column - 1 };
}

export function toRange(source: SourceFile, span: Span): Range {
  return { start: toPosition(source, span.start), end: toPosition(source, span.end) };
}

/** A position behind the end of its line is that end. */
export function toOffset(source: SourceFile, { line, character }: Position): number {
  const text = source.line(line + 1);
  return Math.min(source.offsetOf(line + 1), source.text.length) + Math.min(character, text.length);
}

/** The start of the text is a span without a file to look into. */
export const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
