import type { Server } from './find-server.ts';

/** A process to start. */
export interface Invocation {
  readonly command: string;
  readonly args: string[];
  /** Variables beside those of the editor. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The language server. A script runs in the Node that the editor brings, so that an editor started from a desktop,
 * which has another PATH than a shell, needs none.
 */
export function languageServer(server: Server, editorsNode: string): Invocation {
  const args = ['lsp', '--stdio'];
  return server.kind === 'script'
    ? { command: editorsNode, args: [server.path, ...args], env: { ELECTRON_RUN_AS_NODE: '1' } }
    : { command: server.path, args, env: {} };
}

/**
 * A command of netc in a terminal. There a script runs in the user's own Node, as it would if he typed the command: a
 * build loads native packages, which were installed for that one.
 */
export function commandLine(server: Server, args: readonly string[]): Invocation {
  return server.kind === 'script'
    ? { command: 'node', args: [server.path, ...args], env: {} }
    : { command: server.path, args: [...args], env: {} };
}
