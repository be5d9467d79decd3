import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { findServer, type Finding } from '../find-server.ts';
import { languageServer } from '../invocation.ts';
import { languageId } from '../language-id.ts';
import { thisMachine } from '../machine.ts';

/** The language server of this window: found, started, started again. */
export class Session {
  readonly output = vscode.window.createOutputChannel('netc', { log: true });
  /** Imports change on disk, too: by a checkout, or by another program. */
  private readonly files = vscode.workspace.createFileSystemWatcher('**/*.net');
  private client: LanguageClient | undefined;
  /** Starts and stops follow each other; a command may ask for one while another is under way. */
  private last: Promise<void> = Promise.resolve();

  restart(): Promise<void> {
    return this.next(async () => {
      await this.close();
      await this.open();
    });
  }

  stop(): Promise<void> {
    return this.next(() => this.close());
  }

  dispose(): void {
    this.files.dispose();
    this.output.dispose();
  }

  private next(step: () => Promise<void>): Promise<void> {
    this.last = this.last.then(step).catch((reason: unknown) => {
      this.output.error(reason instanceof Error ? reason : String(reason));
      void this.complain('The netc language server does not start; its output says why.');
    });
    return this.last;
  }

  private async open(): Promise<void> {
    const finding = find();
    if (finding.kind === 'missing') {
      this.output.warn(finding.message);
      void this.complain(finding.message);
      return;
    }
    const { command, args, env } = languageServer(finding.server, process.execPath);
    this.output.info(`starting ${[command, ...args].join(' ')} (found by ${finding.server.from})`);
    this.client = new LanguageClient(
      languageId,
      'netc',
      { command, args, options: { env: { ...process.env, ...env } } },
      {
        documentSelector: [
          { scheme: 'file', language: languageId },
          { scheme: 'untitled', language: languageId },
        ],
        synchronize: { fileEvents: this.files },
        outputChannel: this.output,
      },
    );
    await this.client.start();
  }

  private async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    // One that did not start cannot stop.
    if (client?.needsStop() === true) await client.stop();
  }

  private async complain(message: string): Promise<void> {
    const choice = await vscode.window.showErrorMessage(message, 'Open Settings', 'Show Output');
    if (choice === 'Show Output') this.output.show();
    if (choice === 'Open Settings') {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'netc.path');
    }
  }
}

/** netc, by the settings and folders of this window. */
export function find(): Finding {
  return findServer(
    {
      setting: vscode.workspace.getConfiguration('netc').get('path', ''),
      folders: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
      trusted: vscode.workspace.isTrusted,
    },
    thisMachine,
  );
}
