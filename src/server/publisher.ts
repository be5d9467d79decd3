import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import type { CheckedDocument } from './checked-document.ts';
import { diagnosticsByFile } from './diagnostics.ts';

/**
 * Sends each file what all open programs say of it: a mistake in a library may show only where a model uses it. What has
 * been said of the same version of a file is not sent again.
 */
export class Publisher {
  private readonly send: (params: PublishDiagnosticsParams) => void;
  /** What each file was told last. */
  private sent = new Map<string, string>();

  constructor(send: (params: PublishDiagnosticsParams) => void) {
    this.send = send;
  }

  publish(documents: readonly CheckedDocument[]): void {
    const byFile = new Map<string, Map<string, Diagnostic>>();
    for (const document of documents) {
      for (const [uri, diagnostics] of diagnosticsByFile(document)) {
        const known = byFile.get(uri) ?? new Map<string, Diagnostic>();
        byFile.set(uri, known);
        for (const diagnostic of diagnostics) {
          const { code, range, message } = diagnostic;
          const key = JSON.stringify([code, range, message]);
          if (!known.has(key)) known.set(key, diagnostic);
        }
      }
    }
    const before = this.sent;
    this.sent = new Map();
    const versions = new Map(documents.map(({ uri, version }) => [uri, version]));
    for (const [uri, known] of byFile) {
      const diagnostics = [...known.values()];
      const version = versions.get(uri);
      const params = { uri, ...(version === undefined ? {} : { version }), diagnostics };
      const text = JSON.stringify(params);
      this.sent.set(uri, text);
      if (before.get(uri) !== text) this.send(params);
    }
    for (const uri of before.keys()) if (!byFile.has(uri)) this.send({ uri, diagnostics: [] });
  }
}
