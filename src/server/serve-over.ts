import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import type { ServerHost } from './host.ts';
import { serve } from './server.ts';

/** Serves the client at the other end of two streams, until it says goodbye or its end of them is closed. */
export async function serveOver(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  host: ServerHost,
  version: string,
): Promise<void> {
  const connection = createConnection(ProposedFeatures.all, input, output);
  const ended = new Promise<void>((resolve) => {
    connection.onExit(() => {
      resolve();
    });
    input.once('end', () => {
      resolve();
    });
  });
  serve(connection, host, version);
  await ended;
  connection.dispose();
}
