import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { templates } from '../init/templates.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { writeOutputs } from '../write-outputs.ts';

export const initCommand = defineCommand({
  command: 'init <folder>',
  summary: 'Start a project: a small network to learn from, with scripts that check, build and train it',
  examples: [
    ['$0 init first', 'A classifier of radiographs in the folder first'],
    ['$0 init first --template classifier', 'The same'],
  ],
  options: (cli) =>
    cli
      .positional('folder', { type: 'string', demandOption: true, describe: 'A new or empty folder' })
      .option('template', {
        choices: templates,
        default: templates[0],
        requiresArg: true,
        describe: 'What to start from',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const { newProject } = await import('../init/new-project.ts');
    const files = await newProject(args.folder, args.template);
    await writeOutputs(files);
    if (args.json) {
      terminal.out(
        jsonReport('init', { ok: true, folder: args.folder, files: files.map(({ path }) => path) }),
      );
    } else {
      for (const { path } of files) terminal.out(`wrote ${path}`);
      const folder = /^[\w./-]+$/.test(args.folder) ? args.folder : JSON.stringify(args.folder);
      terminal.out(`Go on with: cd ${folder} && npm install && npm run check`);
    }
    return exitCodes.ok;
  },
});
