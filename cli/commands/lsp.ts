import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { projectOf } from '../project.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

export const lspCommand = defineCommand({
  command: 'lsp',
  summary: 'Serve an editor: messages while you type, shapes, completion (the language server protocol)',
  examples: [['$0 lsp --stdio', 'What an editor starts; see docs/editors.md']],
  options: (cli) =>
    cli.option('stdio', {
      type: 'boolean',
      default: false,
      describe: 'Speak over standard input and output',
    }),

  run: async (args) => {
    if (!args.stdio)
      throw new UsageError('a server speaks over standard input and output: `netc lsp --stdio`');
    const { serveOver } = await import('../../src/server/serve-over.ts');
    await serveOver(process.stdin, process.stdout, { projectOf }, version);
    return exitCodes.ok;
  },
});
