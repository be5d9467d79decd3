/**
 * The text of a script that stands in the place of netc: a language server that answers with how it was started and
 * calls every document a mistake.
 */
export const standInServer = `
import { createConnection } from ${JSON.stringify(import.meta.resolve('vscode-languageserver/node'))};
const connection = createConnection(process.stdin, process.stdout);
connection.onInitialize(() => ({
  capabilities: { textDocumentSync: 1 },
  serverInfo: { name: process.argv.slice(2).join(' '), version: process.env.ELECTRON_RUN_AS_NODE },
}));
connection.onDidOpenTextDocument(({ textDocument: { uri, languageId } }) => {
  const start = { line: 0, character: 0 };
  void connection.sendDiagnostics({ uri, diagnostics: [{ range: { start, end: start }, message: languageId }] });
});
connection.listen();
`;
