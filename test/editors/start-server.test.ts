import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  DidOpenTextDocumentNotification,
  PublishDiagnosticsNotification,
  type InitializeResult,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver-protocol/node';
import { findServer } from '../../editors/vscode/src/find-server.ts';
import { languageServer } from '../../editors/vscode/src/invocation.ts';
import { languageId } from '../../editors/vscode/src/language-id.ts';
import { thisMachine } from '../../editors/vscode/src/machine.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { LanguageServer } from '../support/language-server.ts';
import { inRepository } from '../support/repository.ts';
import { standInServer } from './stand-in-server.ts';

const folder = await temporaryFolder();

const servers: LanguageServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** Starts what the extension would start for a workspace, as it would, and opens one document. */
async function talk(
  workspace: string,
  text: string,
): Promise<{ readonly initialized: InitializeResult; readonly published: PublishDiagnosticsParams }> {
  const finding = findServer({ setting: '', folders: [workspace], trusted: true }, thisMachine);
  if (finding.kind === 'missing') throw new Error(finding.message);
  const { command, args, env } = languageServer(finding.server, process.execPath);
  const server = new LanguageServer({ command, args, env: { ...process.env, ...env } });
  const { connection } = server;
  servers.push(server);
  const published = new Promise<PublishDiagnosticsParams>((resolve) =>
    connection.onNotification(PublishDiagnosticsNotification.type, resolve),
  );
  const initialized = await server.initialize(workspace);
  const uri = pathToFileURL(join(workspace, 'open.net')).href;
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId, version: 1, text },
  });
  return { initialized, published: await published };
}

describe('the server of a workspace', () => {
  beforeAll(async () => {
    const netc = join(folder, 'node_modules', 'netc');
    await mkdir(netc, { recursive: true });
    await writeFile(join(netc, 'package.json'), JSON.stringify({ name: 'netc', bin: { netc: 'netc.mjs' } }));
    await writeFile(join(netc, 'netc.mjs'), standInServer);
  });

  it('is started for the protocol over stdio', async () => {
    const { initialized, published } = await talk(folder, 'language 1\n');
    expect(initialized.serverInfo).toEqual({ name: 'lsp --stdio', version: '1' });
    expect(published.diagnostics.map(({ message }) => message)).toEqual(['netc']);
  });
});

// The extension ships without a server: whether this netc has one yet shows in its commands.
describe.skipIf(!existsSync(inRepository('cli/commands/lsp.ts')))("netc's own server", () => {
  it('is found by its repository and says what is wrong with a source', async () => {
    const { published } = await talk(
      inRepository('.'),
      'language 1\n\nblock F()(x: [N]) -> [N] {\n  return y\n}\n',
    );
    expect(published.diagnostics).toMatchObject([
      { code: 'N2001', range: { start: { line: 3, character: 9 } } },
    ]);
  });
});
