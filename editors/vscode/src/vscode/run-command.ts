import * as vscode from 'vscode';
import { commandLine } from '../invocation.ts';
import { languageId } from '../language-id.ts';
import { find } from './session.ts';

/** Runs a command of netc on the file that is open, in a terminal; mistakes in files that are not open become problems. */
export async function runCommand(command: 'check' | 'build'): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== languageId || document.uri.scheme !== 'file') {
    await vscode.window.showErrorMessage(
      `Open a .net file on disk: netc ${command} works on the file that is open.`,
    );
    return;
  }
  const finding = find();
  if (finding.kind === 'missing') {
    await vscode.window.showErrorMessage(finding.message);
    return;
  }
  if (!(await document.save())) return;
  const { command: program, args, env } = commandLine(finding.server, [command, document.fileName]);
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  const task = new vscode.Task(
    { type: 'netc', command },
    folder ?? vscode.TaskScope.Workspace,
    command,
    'netc',
    // Not by a shell: a file may be called anything.
    new vscode.ProcessExecution(program, args, { env, ...(folder && { cwd: folder.uri.fsPath }) }),
    '$netc',
  );
  task.presentationOptions = { clear: true };
  await vscode.tasks.executeTask(task);
}
