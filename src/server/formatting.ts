import type { TextEdit } from 'vscode-languageserver';
import { formatNet } from '../fmt/format.ts';
import { UnformattableError } from '../fmt/tree.ts';
import type { CheckedDocument } from './checked-document.ts';
import { toPosition } from './positions.ts';

/** The edits that give a document the one format; none where it does not parse. */
export async function formatting({ source, path }: CheckedDocument): Promise<TextEdit[]> {
  let formatted: string;
  try {
    formatted = await formatNet(source.text, { path });
  } catch (error) {
    if (error instanceof UnformattableError) return [];
    throw error;
  }
  if (formatted === source.text) return [];
  const range = { start: toPosition(source, 0), end: toPosition(source, source.text.length) };
  return [{ range, newText: formatted }];
}
