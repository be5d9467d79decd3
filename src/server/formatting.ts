import type { Range, TextEdit } from 'vscode-languageserver';
import { formatEdits } from '../fmt/format-edits.ts';
import { formatRange } from '../fmt/format-range.ts';
import type { TextEdit as Change } from '../compiler/source/text-edit.ts';
import { UnformattableError } from '../fmt/tree.ts';
import type { CheckedDocument } from './checked-document.ts';
import { toOffset, toPosition } from './positions.ts';

/** The edits that give a document the one format; none where it does not parse. */
export async function formatting(document: CheckedDocument): Promise<TextEdit[]> {
  const { source, path } = document;
  return toProtocol(document, () => formatEdits(source.text, { path }));
}

/** The same for the statements in a range. */
export async function rangeFormatting(document: CheckedDocument, range: Range): Promise<TextEdit[]> {
  const { source, path } = document;
  const [start, end] = [toOffset(source, range.start), toOffset(source, range.end)];
  return toProtocol(document, () => formatRange(source.text, start, end, { path }));
}

async function toProtocol(
  { source }: CheckedDocument,
  format: () => Promise<readonly Change[]>,
): Promise<TextEdit[]> {
  try {
    return (await format()).map(({ start, end, text }) => ({
      range: { start: toPosition(source, start), end: toPosition(source, end) },
      newText: text,
    }));
  } catch (error) {
    if (error instanceof UnformattableError) return [];
    throw error;
  }
}
