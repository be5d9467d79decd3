import { CodeActionKind, type CodeAction, type Range, type TextEdit } from 'vscode-languageserver';
import type { Fix } from '../compiler/diagnostics/diagnostic.ts';
import type { CheckedDocument } from './checked-document.ts';
import { toOffset, toRange } from './positions.ts';

/** The changes that mend what the compiler complains of in a range. */
export function codeActions(document: CheckedDocument, range: Range): CodeAction[] {
  const { compilation, source, path } = document;
  const [start, end] = [toOffset(source, range.start), toOffset(source, range.end)];
  return compilation.diagnostics.flatMap(({ span, fix }) =>
    fix !== undefined && span.file === path && span.start <= end && start <= span.end
      ? [toAction(document, fix)]
      : [],
  );
}

function toAction({ compilation, project }: CheckedDocument, { title, edits }: Fix): CodeAction {
  const changes: Record<string, TextEdit[]> = {};
  for (const { span, text } of edits) {
    const source = compilation.sources.get(span.file);
    if (source !== undefined)
      (changes[project.uriOf(span.file)] ??= []).push({ range: toRange(source, span), newText: text });
  }
  return {
    title: title.replace(/\.$/, ''),
    kind: CodeActionKind.QuickFix,
    isPreferred: true,
    edit: { changes },
  };
}
