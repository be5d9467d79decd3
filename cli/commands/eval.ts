import { csvLine } from '../../src/runtime/csv.ts';
import { defineCommand, UsageError } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { LiveLine } from '../live-line.ts';
import { loadModelFile } from '../predict/model-file.ts';
import { ProblemReport } from '../problem-report.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';

const splits = ['test', 'train'] as const;

export const evalCommand = defineCommand({
  command: 'eval <network>',
  summary: 'Measure a model on a data set: the AUC of each class, or the Dice of its masks',
  examples: [
    [
      '$0 eval runs/mair-small/mair-small.onnx --data ~/chestxray14',
      'An ONNX file on the official test list',
    ],
    [
      '$0 eval models/mair-small.net --weights w.safetensors --data ~/chestxray14',
      'A source with its weights',
    ],
    ['$0 eval m.onnx --data ~/chestxray14 --scores scores.csv', 'Also what the model says of each image'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('network', {
        type: 'string',
        demandOption: true,
        describe: 'An ONNX file of netc, or a source (.net) with --weights',
      })
      .option('data', {
        type: 'string',
        requiresArg: true,
        describe: 'The data set; left out: synthetic radiographs',
      })
      .option('split', {
        type: 'string',
        choices: splits,
        default: 'test' as const,
        describe: 'Which of its lists',
      })
      .option('weights', {
        type: 'string',
        requiresArg: true,
        describe: 'Weights for a source (.safetensors)',
      })
      .option('batch', { type: 'number', default: 16, requiresArg: true, describe: 'Images in a run' })
      .option('seed', {
        type: 'number',
        default: 0,
        requiresArg: true,
        describe: 'Of the intervals that are drawn',
      })
      .option('scores', {
        type: 'string',
        requiresArg: true,
        describe: 'Write the scores of each image, or its Dice, to this CSV file',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    if (!Number.isSafeInteger(args.batch) || args.batch < 1)
      throw new UsageError('--batch takes a whole number from 1 up');
    if (!Number.isSafeInteger(args.seed) || args.seed < 0)
      throw new UsageError('--seed takes a whole number from 0 up');
    const problems = new ProblemReport(terminal, args.json);
    const file = await loadModelFile(args.network, args.weights, modelChoice(args), problems);
    if (file === undefined) {
      if (args.json) terminal.out(jsonReport('eval', { ok: false, diagnostics: problems.collected }));
      return exitCodes.source;
    }
    const [predicting, measuring, opening, reporting, writing] = await Promise.all([
      import('../predict/predictor.ts'),
      import('../train/score-onnx.ts'),
      import('../train/open-data.ts'),
      import('../../src/runtime/render-data-report.ts'),
      import('../write-outputs.ts'),
    ]);
    const line = new LiveLine(terminal);
    const predictor = await predicting.startPredictor(file, args.network);
    try {
      const output = measuring.measuredOutput(predictor, args.network);
      const data = await opening.openData(args.data, output, { terminal, line });
      for (const warning of reporting.dataWarnings(data.report)) terminal.err(`warning: ${warning}`);
      const samples = data[args.split];
      const scores = await measuring.scoreOnnx(predictor, output, samples, {
        batch: args.batch,
        onBatch: (done) => line.update('evaluating', done, samples.length, 'images'),
      });
      line.clear();
      const { measure } = output;
      const { rows, text } = measure.over(samples, scores, args.seed);
      if (args.scores !== undefined) {
        const columns = measure.columns(scores);
        const lines = samples.map(({ name }, i) => csvLine([name, ...(columns[i] ?? [])]));
        const content = `${[csvLine(['image', ...output.labels]), ...lines].join('\n')}\n`;
        await writing.writeOutputs([{ path: args.scores, content }]);
      }
      const { isUntrained, note } = predictor.description;
      if (args.json) {
        terminal.out(
          jsonReport('eval', {
            ok: true,
            split: args.split,
            images: samples.length,
            synthetic: data.isSynthetic,
            untrained: isUntrained,
            output: output.name,
            measure: measure.name,
            rows,
            notice: note ?? null,
            diagnostics: problems.collected,
          }),
        );
      } else {
        if (isUntrained) terminal.err('warning: the weights are untrained, so the numbers mean nothing');
        terminal.out(
          `${data.isSynthetic ? 'SYNTHETIC radiographs, ' : ''}${args.split} list, ${measure.name === 'auc' ? 'ranked' : 'measured'} by \`${output.name}\`:\n`,
        );
        terminal.out(text);
        if (args.scores !== undefined) terminal.out(`\nwrote ${args.scores}`);
        if (note !== undefined) terminal.out(note);
      }
      return exitCodes.ok;
    } finally {
      line.clear();
      await predictor.close();
    }
  },
});
