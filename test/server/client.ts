import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  PublishDiagnosticsNotification,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import { LanguageServer } from '../support/language-server.ts';
import { inRepository } from '../support/repository.ts';

/** A client of the real server: another process, spoken to over its standard input and output. */
export class Client {
  readonly connection: ProtocolConnection;
  readonly capabilities: InitializeResult['capabilities'];
  readonly folder: string;
  private readonly server: LanguageServer;
  private readonly said: Map<string, readonly Diagnostic[]>;
  private readonly waiting: Set<() => void>;
  private readonly texts = new Map<string, string>();
  private version = 1;

  private constructor(
    server: LanguageServer,
    { capabilities }: InitializeResult,
    folder: string,
    heard: { readonly said: Map<string, readonly Diagnostic[]>; readonly waiting: Set<() => void> },
  ) {
    this.server = server;
    this.connection = server.connection;
    this.capabilities = capabilities;
    this.folder = folder;
    this.said = heard.said;
    this.waiting = heard.waiting;
  }

  /** Starts a server on a new folder that holds these files. */
  static async start(files: Readonly<Record<string, string>>): Promise<Client> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netc-server-')));
    for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const args = [inRepository('dist/netc.cjs'), 'lsp', '--stdio'];
    const server = new LanguageServer({ command: process.execPath, args, cwd: folder });
    const said = new Map<string, readonly Diagnostic[]>();
    const waiting = new Set<() => void>();
    server.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      said.set(uri, diagnostics);
      for (const wake of waiting) wake();
    });
    const capabilities = { workspace: { workspaceEdit: { documentChanges: true } } };
    const result = await server.initialize(folder, capabilities);
    return new Client(server, result, folder, { said, waiting });
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  async open(name: string, text: string): Promise<void> {
    const uri = this.uri(name);
    this.texts.set(uri, text);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'netc', version: this.version++, text },
    });
  }

  /** Replaces one place of an open document, as typing does. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const uri = this.uri(name);
    const text = this.text(name);
    const at = text.indexOf(from);
    if (at < 0) throw new Error(`${from} is not in ${name}`);
    const range = { start: this.position(name, at), end: this.position(name, at + from.length) };
    this.texts.set(uri, text.slice(0, at) + to + text.slice(at + from.length));
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: this.version++ },
      contentChanges: [{ range, text: to }],
    });
  }

  async close(name: string): Promise<void> {
    this.texts.delete(this.uri(name));
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: this.uri(name) },
    });
  }

  text(name: string): string {
    const text = this.texts.get(this.uri(name));
    if (text === undefined) throw new Error(`${name} is not open`);
    return text;
  }

  position(name: string, offset: number): Position {
    const lines = this.text(name).slice(0, offset).split('\n');
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  }

  /** Where a marker stands in an open document: `^` in `scaled = x * ^gate`. */
  at(name: string, marked: string): Position {
    const before = marked.indexOf('^');
    const start = this.text(name).indexOf(marked.replace('^', ''));
    if (before < 0 || start < 0) throw new Error(`${marked} is not in ${name}`);
    return this.position(name, start + before);
  }

  /** The diagnostics of a file as soon as they satisfy a condition; fails with what there is after a generous while. */
  async diagnostics(
    name: string,
    isIt: (diagnostics: readonly Diagnostic[]) => boolean = () => true,
  ): Promise<readonly Diagnostic[]> {
    const uri = this.uri(name);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const diagnostics = this.said.get(uri);
      if (diagnostics !== undefined && isIt(diagnostics)) return diagnostics;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`the server says of ${name}: ${JSON.stringify(diagnostics)}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.waiting.add(wake);
      });
    }
  }

  /** Says goodbye as an editor does, and returns the exit code of the server. */
  async stop(): Promise<number | null> {
    const code = await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}
