import { colourStyle, plainStyle } from '../src/compiler/diagnostics/style.ts';
import { printable } from '../src/compiler/diagnostics/printable.ts';
import { UserError } from '../src/runtime/errors.ts';
import { UsageError } from './command.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Tells the user what went wrong, and returns the exit code of its class. */
export function reportError(error: unknown, terminal: Terminal): ExitCode {
  const style = terminal.colour ? colourStyle : plainStyle;
  if (error instanceof UsageError) {
    terminal.err(`${style.error('error')}${style.strong(`: ${printable(error.message)}`)}`);
    return exitCodes.usage;
  }
  if (error instanceof UserError) {
    const { code, message, place, remedy } = error;
    terminal.err(`${style.error(`error[${code}]`)}${style.strong(`: ${printable(message)}`)}`);
    if (place !== undefined) terminal.err(`${style.gutter(' -->')} ${printable(place)}`);
    terminal.err(`${style.gutter('  =')} ${style.strong('help:')} ${printable(remedy)}`);
    return exitCodeOf(error);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(
    `${style.error('internal error')}${style.strong(': this is a bug in netc, not in your program')}`,
  );
  terminal.err(stack);
  terminal.err(
    `${style.gutter('  =')} ${style.strong('help:')} Please report it, with the lines above, the command line, the source and \`netc --version\` (Node ${process.version}, ${process.platform} ${process.arch}).`,
  );
  return exitCodes.internal;
}

/** R1xxx are files and folders, all others what is in them. */
export function exitCodeOf({ code }: UserError): ExitCode {
  return code.startsWith('R1') ? exitCodes.files : exitCodes.data;
}
