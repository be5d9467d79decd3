import type { ArgumentsCamelCase, Argv } from 'yargs';
import { printErrorAsJson } from './error-report.ts';
import { commandLineMistake } from './command-line-mistake.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export { UsageError } from './usage-error.ts';

/** A command of `netc`: how it is written, what it takes, and what it does. */
export interface CommandDefinition<Options> {
  /** As yargs has it: `check <files..>`. */
  readonly command: string;
  readonly summary: string;
  /** Command lines with what each does, for `--help`. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  readonly options: (cli: Argv) => Argv<Options>;
  /** Throws UsageError and UserError. Heavy modules are imported in here, so that other commands do not wait for them. */
  readonly run: (args: ArgumentsCamelCase<Options>, terminal: Terminal) => Promise<ExitCode>;
}

/** A command that can be added to the command line; `finished` hears the exit code. */
export type Command = (cli: Argv, terminal: Terminal, finished: (code: ExitCode) => void) => Argv;

export function defineCommand<Options>(definition: CommandDefinition<Options>): Command {
  const { command, summary, examples, options, run } = definition;
  return (cli, terminal, finished) =>
    cli.command(
      command,
      summary,
      (builder) => {
        const made = options(examples.reduce((known, [line, what]) => known.example(line, what), builder));
        return made.fail((message: string | null, error: Error | undefined) => {
          throw commandLineMistake(message, error, made, command);
        });
      },
      async (args) => {
        try {
          finished(await run(args, terminal));
        } catch (error) {
          if (args['json'] === true) printErrorAsJson(error, nameOf(args, command), terminal);
          throw error;
        }
      },
    );
}

/** `data inspect` of `netc data inspect DIR`: the words that chose the command. */
function nameOf({ _: words }: { readonly _: readonly (string | number)[] }, command: string): string {
  const own = command.split(' ')[0] ?? command;
  const end = words.indexOf(own);
  return words.slice(0, end + 1).join(' ') || own;
}
