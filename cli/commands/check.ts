import { defineCommand } from '../command.ts';
import { compileSource, diagnosticsAsJson, printDiagnostics } from '../compile-source.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { modelChoice, sourceOptions, type SourceOptions } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';

export const checkCommand = defineCommand({
  command: 'check <files..>',
  summary: 'Check sources: names, arguments and every shape, without building',
  examples: [
    ['$0 check models/mair.net', 'Check a model and all that it imports'],
    ['$0 check models/*.net models/lib/*.net', 'Check many files'],
    ['$0 check models/mair.net --json', 'The same for an editor or a script'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Sources (.net)' })
      .option('json', jsonOption),

  run: (args, terminal) => check(args, terminal),
});

interface CheckOptions extends Partial<SourceOptions> {
  readonly files: readonly string[];
  readonly json: boolean;
}

export async function check(args: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const choice = modelChoice(args);
  const results = [];
  for (const file of args.files) results.push(await compileSource(file, choice));
  const failed = results.filter((result) => result.failed).length;
  if (args.json) {
    const files = results.map((result) => ({
      file: result.file,
      ok: !result.failed,
      diagnostics: diagnosticsAsJson(result.diagnostics, result),
    }));
    terminal.out(jsonReport('check', { ok: failed === 0, files }));
  } else {
    for (const result of results) printDiagnostics(result.diagnostics, result, terminal);
    if (failed === 0) terminal.out(results.map(({ file }) => `${file}: no errors`).join('\n'));
  }
  return failed === 0 ? exitCodes.ok : exitCodes.source;
}
