import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as ProtocolDiagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { inSourceOrder } from '../compiler/diagnostics/in-source-order.ts';
import type { Span } from '../compiler/source/span.ts';
import type { CheckedDocument } from './checked-document.ts';
import { nowhere, toRange } from './positions.ts';

/** What is wrong with a program, by the address of the file in which it is. Each document of it has an entry. */
export function diagnosticsByFile(document: CheckedDocument): ReadonlyMap<string, ProtocolDiagnostic[]> {
  const { compilation, project, uri } = document;
  const byFile = new Map<string, ProtocolDiagnostic[]>([[uri, []]]);
  for (const diagnostic of inSourceOrder(compilation.diagnostics, compilation.sources)) {
    const file = project.uriOf(diagnostic.span.file);
    const own = byFile.get(file) ?? [];
    byFile.set(file, own);
    own.push(toProtocol(diagnostic, document));
  }
  return byFile;
}

function toProtocol(diagnostic: Diagnostic, document: CheckedDocument): ProtocolDiagnostic {
  const { code, severity, message, span, notes, help } = diagnostic;
  const text = [
    message,
    ...notes.map((note) => `note: ${note}`),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ];
  return {
    range: rangeOf(span, document),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'netc',
    message: text.join('\n'),
    relatedInformation: diagnostic.related.map((related): DiagnosticRelatedInformation => ({
      location: { uri: document.project.uriOf(related.span.file), range: rangeOf(related.span, document) },
      message: related.message,
    })),
    ...(code === 'N3013' ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  };
}

function rangeOf(span: Span, { compilation: { sources } }: CheckedDocument) {
  const source = sources.get(span.file);
  return source === undefined ? nowhere : toRange(source, span);
}
