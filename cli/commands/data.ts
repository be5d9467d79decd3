import type { Command } from '../command.ts';
import { dataInspectCommand } from './data/inspect.ts';
import { dataPhantomCommand } from './data/phantom.ts';

const commands: readonly Command[] = [dataInspectCommand, dataPhantomCommand];

/** `netc data` followed by what is to be done with a data set. */
export const dataCommand: Command = (cli, terminal, finished) =>
  cli.command('data', 'Look into a folder of radiographs, or draw one', (builder) => {
    for (const command of commands) command(builder, terminal, finished);
    return builder.demandCommand(1, 'say what to do; `netc data --help` lists it');
  });
