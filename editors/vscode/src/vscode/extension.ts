import * as vscode from 'vscode';
import { runCommand } from './run-command.ts';
import { Session } from './session.ts';

let session: Session | undefined;

/** Called by the editor when the first source is opened. */
export async function activate({ subscriptions }: vscode.ExtensionContext): Promise<void> {
  const opened = new Session();
  session = opened;
  const restart = () => opened.restart();
  subscriptions.push(
    opened,
    vscode.commands.registerCommand('netc.restartServer', restart),
    vscode.commands.registerCommand('netc.showOutput', () => opened.output.show()),
    vscode.commands.registerCommand('netc.checkFile', () => runCommand('check')),
    vscode.commands.registerCommand('netc.buildFile', () => runCommand('build')),
    vscode.workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration('netc.path') ? restart() : undefined,
    ),
    vscode.workspace.onDidChangeWorkspaceFolders(restart),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await restart();
}

export function deactivate(): Promise<void> | undefined {
  return session?.stop();
}
