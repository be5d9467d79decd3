import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { codeActions } from './code-actions.ts';
import { completion } from './completion.ts';
import { definition } from './definition.ts';
import { documentSymbols } from './document-symbols.ts';
import { foldingRanges } from './folding.ts';
import { formatting, rangeFormatting } from './formatting.ts';
import { hover } from './hover.ts';
import { references } from './references.ts';
import { prepareRename, rename } from './rename.ts';
import { semanticTokens, semanticTokensLegend } from './semantic-tokens.ts';
import { signatureHelp } from './signature-help.ts';
import { workspaceSymbols } from './workspace-symbols.ts';
import type { CheckedDocument } from './checked-document.ts';
import type { ServerHost } from './host.ts';
import { inlayHints } from './inlay-hints.ts';
import { Publisher } from './publisher.ts';
import { Session } from './session.ts';

/** Serves one client over a connection until it is closed. */
export function serve(connection: Connection, host: ServerHost, version: string): void {
  const documents = new TextDocuments(TextDocument);
  const session = new Session(host);
  const publisher = new Publisher((params) => void connection.sendDiagnostics(params));
  let pause: NodeJS.Immediate | undefined;
  let watchesFiles = false;

  /** Changes that have come in one go are checked together. */
  const publishSoon = (): void => {
    pause ??= setImmediate(() => {
      pause = undefined;
      try {
        publisher.publish(session.all());
      } catch (error) {
        // A bug of ours in one text must not take the editor's help away from all others.
        connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    });
  };
  /** Answers about a document as it is now; nothing for one that is not open. */
  const about = <P extends { readonly textDocument: { readonly uri: string } }, R>(
    answer: (document: CheckedDocument, params: P) => R,
  ): ((params: P) => R | null) => {
    return (params) => {
      const document = session.checked(params.textDocument.uri);
      return document === undefined ? null : answer(document, params);
    };
  };

  connection.onInitialize(({ capabilities: client }): InitializeResult => {
    watchesFiles = client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      serverInfo: { name: 'netc', version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        inlayHintProvider: true,
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['>', '(', '[', '"', '/', ' '] },
        signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [','] },
        definitionProvider: true,
        referencesProvider: true,
        renameProvider: { prepareProvider: true },
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        foldingRangeProvider: true,
        documentFormattingProvider: true,
        documentRangeFormattingProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        semanticTokensProvider: { legend: semanticTokensLegend, full: true },
      },
    };
  });
  connection.onInitialized(() => {
    if (watchesFiles) {
      const watchers = [{ globPattern: '**/*.net' }];
      void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
    }
  });
  documents.onDidChangeContent(({ document }) => {
    session.change(document);
    publishSoon();
  });
  documents.onDidClose(({ document }) => {
    session.close(document.uri);
    publishSoon();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    session.changeOnDisk(changes.map(({ uri }) => uri));
    publishSoon();
  });
  connection.languages.inlayHint.on(about((document, { range }) => inlayHints(document, range)));
  connection.languages.semanticTokens.on((params) => about(semanticTokens)(params) ?? { data: [] });
  connection.onHover(about((document, { position }) => hover(document, position)));
  connection.onCompletion(about((document, { position }) => completion(document, position)));
  connection.onSignatureHelp(about((document, { position }) => signatureHelp(document, position)));
  connection.onDefinition(about((document, { position }) => definition(document, position)));
  connection.onReferences(
    about((document, { position, context }) =>
      references(document, session.namesOf(document), position, context.includeDeclaration),
    ),
  );
  connection.onPrepareRename(about((document, { position }) => prepareRename(document, position)));
  connection.onRenameRequest(
    about((document, { position, newName }) =>
      rename(document, session.namesOf(document), position, newName),
    ),
  );
  connection.onDocumentSymbol(about(documentSymbols));
  connection.onWorkspaceSymbol(({ query }) => workspaceSymbols(session.openProjects(), query));
  connection.onFoldingRanges(about(foldingRanges));
  connection.onDocumentFormatting(about(formatting));
  connection.onDocumentRangeFormatting(about((document, { range }) => rangeFormatting(document, range)));
  connection.onCodeAction(about((document, { range }) => codeActions(document, range)));

  connection.onShutdown(() => {
    clearImmediate(pause);
  });
  documents.listen(connection);
  connection.listen();
}
