import { defineCommand, UsageError } from '../command.ts';
import { checkedAsJson, printResults } from '../check/check-report.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { modelChoice, sourceOptions, type SourceOptions } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { watchOption } from '../watch/watch-option.ts';

const formats = ['text', 'json', 'sarif'] as const;

export const checkCommand = defineCommand({
  command: 'check <files..>',
  summary: 'Check sources: names, arguments and every shape, without building',
  examples: [
    ['$0 check models/mair.net', 'Check a model and all that it imports'],
    ['$0 check models/*.net models/lib/*.net', 'Check many files'],
    ['$0 check models/mair.net --watch', 'Check it again whenever one of its sources changes'],
    ['$0 check models/mair.net --fix', 'Mend what the compiler knows how to mend'],
    ['$0 check models/mair.net --fix --dry-run', 'Show what that would change'],
    ['$0 check models/mair.net --json', 'The same for an editor or a script'],
    ['$0 check models/*.net --format sarif > netc.sarif', 'For a code host, which shows it in reviews'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Sources (.net)' })
      .option('watch', watchOption)
      .option('fix', {
        type: 'boolean',
        default: false,
        describe: 'Apply the fixes that messages show, also in files that are imported',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'With --fix: print the changes as a patch, and write nothing',
      })
      .option('format', {
        choices: formats,
        requiresArg: true,
        describe: 'How the result is printed: for a person, as JSON (docs/json.md), as SARIF 2.1.0 [text]',
      })
      .option('json', { ...jsonOption, describe: 'The same as --format json' }),

  run: (args, terminal) => check(args, terminal),
});

interface CheckOptions extends Partial<SourceOptions> {
  readonly files: readonly string[];
  readonly json?: boolean;
  readonly format?: (typeof formats)[number] | undefined;
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

/** Throws UsageError and UserError. */
export async function check(args: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const choice = modelChoice(args);
  if (args.json === true && args.format !== undefined && args.format !== 'json') {
    throw new UsageError(`--json and --format ${args.format} contradict each other`);
  }
  const format = args.json === true ? 'json' : (args.format ?? 'text');
  const { files, fix = false, watch = false, dryRun = false } = args;
  if (dryRun && !fix) throw new UsageError('--dry-run goes with --fix');
  if (fix && watch) throw new UsageError('--fix and --watch do not go together: fixes are applied once');
  if (format === 'sarif' && (fix || watch)) {
    throw new UsageError(
      `--format sarif prints one report; it does not go with ${fix ? '--fix' : '--watch'}`,
    );
  }
  const json = format === 'json';
  if (watch) {
    const { watchCheck } = await import('../check/watch-check.ts');
    return watchCheck(files, choice, json, terminal);
  }
  if (fix) {
    const { fixCheck } = await import('../check/fix-check.ts');
    return (await fixCheck(files, choice, { dryRun, json }, terminal)) ? exitCodes.ok : exitCodes.source;
  }
  const { checkSource } = await import('../check-source.ts');
  const results = files.map((file) => checkSource(file, choice));
  switch (format) {
    case 'json':
      terminal.out(jsonReport('check', checkedAsJson(results)));
      break;
    case 'sarif': {
      const { sarifReport } = await import('../check/sarif-report.ts');
      terminal.out(sarifReport(results));
      break;
    }
    case 'text':
      printResults(results, terminal);
  }
  return results.some(({ failed }) => failed) ? exitCodes.source : exitCodes.ok;
}
