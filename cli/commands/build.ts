import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
export const buildCommand = defineCommand({
  command: 'build <file>',
  summary: 'x',
  examples: [],
  options: (cli) =>
    cli.positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' }),
  run: () => Promise.resolve(exitCodes.ok),
});
