import yargs, { type Argv } from 'yargs';
import { commandLineMistake } from './command-line-mistake.ts';
import type { Command } from './command.ts';
import { buildCommand } from './commands/build.ts';
import { checkCommand } from './commands/check.ts';
import { dataCommand } from './commands/data.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { fmtCommand } from './commands/fmt.ts';
import { graphCommand } from './commands/graph.ts';
import { initCommand } from './commands/init.ts';
import { lspCommand } from './commands/lsp.ts';
import { predictCommand } from './commands/predict.ts';
import { summaryCommand } from './commands/summary.ts';
import { trainCommand } from './commands/train.ts';
import { verifyCommand } from './commands/verify.ts';
import { addCompletion } from './completion.ts';
import { nameDashedFiles } from './dashed-files.ts';
import { exitCodeMeanings, exitCodes, type ExitCode } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { separateTargets } from './separate-targets.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

const commands: readonly Command[] = [
  initCommand,
  buildCommand,
  checkCommand,
  explainCommand,
  fmtCommand,
  summaryCommand,
  graphCommand,
  verifyCommand,
  trainCommand,
  evalCommand,
  predictCommand,
  dataCommand,
  lspCommand,
];

/** Runs one command line (without `node` and the script) and returns its exit code; throws nothing. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const cli: Argv = yargs(nameDashedFiles(separateTargets(argv)))
    .scriptName('netc')
    .usage(
      '$0 <command>\n\nCompiles networks written in .net sources: shapes proven, ONNX and TensorFlow.js out.',
    )
    .locale('en')
    .version(version)
    .alias('help', 'h')
    .strict()
    .demandCommand(1, 'give a command; `netc --help` lists them')
    .recommendCommands()
    .parserConfiguration({ 'greedy-arrays': false, 'strip-aliased': true })
    .check(rejectRepeated)
    .wrap(100)
    .epilogue(exitCodeTable())
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw commandLineMistake(message, error, cli);
    });
  for (const command of commands) command(cli, terminal, (finished) => (code = finished));
  addCompletion(cli, argv);
  try {
    await cli.parseAsync();
    return code;
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** Options that may stand several times. */
const repeatable = new Set(['_', 'set', 'target', 'files', 'images', 'codes']);

/** yargs makes an array of an option that is given twice; which of the two was meant cannot be known. */
function rejectRepeated(args: Readonly<Record<string, unknown>>): boolean {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !repeatable.has(name)) throw new UsageError(`--${name} is given twice`);
  }
  return true;
}

function exitCodeTable(): string {
  const rows = exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['Exit codes:', ...rows].join('\n');
}
