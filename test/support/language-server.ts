import { spawn, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type InitializeResult,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';

/** How a server is started. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A language server: another process, spoken to over its standard input and output. */
export class LanguageServer {
  readonly connection: ProtocolConnection;
  private readonly child: ChildProcess;

  constructor({ command, args, ...options }: ServerCommand) {
    const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
  }

  /** Begins the session: what it says before this returns is heard by handlers that were set before. */
  async initialize(folder: string, capabilities: ClientCapabilities = {}): Promise<InitializeResult> {
    const { child, connection } = this;
    connection.listen();
    const died = new Promise<never>((_, reject) => {
      child.once('exit', (code) => {
        reject(new Error(`the server has ended with ${String(code)}`));
      });
    });
    died.catch(() => undefined);
    const answer = connection.sendRequest<InitializeResult>(InitializeRequest.method, {
      processId: process.pid,
      capabilities,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'workspace' }],
    });
    const result = await Promise.race([answer, died]);
    await connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  /** Ends the session as the protocol wants it; resolves to the code with which the process has ended. */
  async stop(): Promise<number | null> {
    const { child, connection } = this;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await connection.sendRequest(ShutdownRequest.type);
    await connection.sendNotification(ExitNotification.type);
    const code = await ended;
    connection.dispose();
    return code;
  }
}
