import yargs from 'yargs';
import { UsageError, type Command } from './command.ts';
import { buildCommand } from './commands/build.ts';
import { checkCommand } from './commands/check.ts';
import { fmtCommand } from './commands/fmt.ts';
import { predictCommand } from './commands/predict.ts';
import { summaryCommand } from './commands/summary.ts';
import { verifyCommand } from './commands/verify.ts';
import { exitCodeMeanings, exitCodes, type ExitCode } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { separateTargets } from './separate-targets.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

const commands: readonly Command[] = [
  buildCommand,
  checkCommand,
  fmtCommand,
  summaryCommand,
  verifyCommand,
  predictCommand,
];

/** Runs one command line (without `node` and the script) and returns its exit code; throws nothing. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const cli = yargs(separateTargets(argv))
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
    .parserConfiguration({ 'duplicate-arguments-array': true, 'strip-aliased': true })
    .wrap(100)
    .epilogue(exitCodeTable())
    .exitProcess(false)
    .fail((message, error) => {
      // yargs has a message for what it found itself; what a command threw comes as an error.
      throw (error as Error | undefined) ?? new UsageError(message);
    });
  for (const command of commands) command(cli, terminal, (finished) => (code = finished));
  try {
    await cli.parseAsync();
    return code;
  } catch (error) {
    return reportError(error, terminal);
  }
}

function exitCodeTable(): string {
  const rows = exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['Exit codes:', ...rows].join('\n');
}
