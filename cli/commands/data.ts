import type { Command } from '../command.ts';
import { dataInspectCommand } from './data/inspect.ts';

const commands: readonly Command[] = [dataInspectCommand];

/** `netc data` followed by what is to be done with a data set. */
export const dataCommand: Command = (cli, terminal, finished) =>
  cli.command('data', 'Look into a folder of radiographs', (builder) => {
    for (const command of commands) command(builder, terminal, finished);
    return builder.demandCommand(1, 'say what to do; `netc data --help` lists it');
  });
