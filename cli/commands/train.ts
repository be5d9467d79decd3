import { basename } from 'node:path';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import { defineCommand, UsageError } from '../command.ts';
import { compileModel } from '../compile-model.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { LiveLine } from '../live-line.ts';
import { memoryBudgetOption } from '../memory-budget-option.ts';
import { ProblemReport } from '../problem-report.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { finishUnread } from '../streams.ts';
import type { Terminal } from '../terminal.ts';
import type { TestReport } from '../train/export-and-test.ts';
import { engines, providers } from '../train/start-engine.ts';
import { resumeCommand } from '../train/resume-command.ts';
import { listenForStop, wasStopped } from '../train/stop-signals.ts';

export const trainCommand = defineCommand({
  command: 'train <file>',
  summary: 'Train a model, measure it, and export it',
  examples: [
    ['$0 train models/mair-small.net', 'On synthetic radiographs, which are made once'],
    ['$0 train models/mair-small.net --data ~/chestxray14 --out run1', 'On ChestX-ray14 as it is downloaded'],
    [
      '$0 train models/mair-small.net --data ~/chestxray14 --out run1 --resume',
      'Go on where it was stopped or killed',
    ],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('data', {
        type: 'string',
        requiresArg: true,
        describe: 'The data set; left out: synthetic radiographs',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Where all files of the run go; left out: runs/NAME, or the next that is free',
      })
      .option('epochs', {
        type: 'number',
        requiresArg: true,
        describe: "Epochs to train, in place of the source's",
      })
      .option('steps', { type: 'number', requiresArg: true, describe: 'Steps at most' })
      .option('batch', {
        type: 'number',
        requiresArg: true,
        describe: "Images in a step, in place of the source's",
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        describe: "Of weights, order and split, in place of the source's",
      })
      .option('validation', {
        type: 'number',
        requiresArg: true,
        describe: 'The share of the training images held out, by patient, to choose the best epoch [0.1]',
      })
      .option('engine', {
        type: 'string',
        choices: [...engines, 'auto'] as const,
        requiresArg: true,
        describe: 'What computes: ONNX Runtime or TensorFlow.js; left out: that of the run, or ONNX Runtime',
      })
      .option('provider', {
        type: 'string',
        choices: providers,
        default: 'cpu' as const,
        requiresArg: true,
        describe: 'What ONNX Runtime computes on',
      })
      .option('memory-budget', memoryBudgetOption)
      .option('debug-nan', {
        type: 'boolean',
        default: false,
        describe: 'Tell which operation made the first number that is not finite; slower',
      })
      .option('resume', {
        type: 'boolean',
        default: false,
        describe: 'Go on from the last checkpoint in --out',
      })
      .option('checkpoint-every', {
        type: 'number',
        default: 60,
        requiresArg: true,
        describe: 'Seconds between checkpoints',
      })
      .option('cache', {
        type: 'number',
        default: 1000,
        requiresArg: true,
        describe: 'Megabytes of images kept in memory',
      })
      .option('verify', {
        type: 'boolean',
        default: true,
        describe: 'Run the targets against each other first',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    finishUnread();
    const choice = modelChoice(args);
    const problems = new ProblemReport(terminal, args.json);
    const wishes = {
      seed: whole('seed', args.seed, 0),
      batch: whole('batch', args.batch, 1),
      epochs: whole('epochs', args.epochs, 1),
      maxSteps: whole('steps', args.steps, 1),
      validation: share('validation', args.validation),
    };
    const checkpointEvery = 1000 * positive('checkpoint-every', args.checkpointEvery);
    const cacheBytes = 1e6 * positive('cache', args.cache);
    const model = await compileModel(args.file, choice, problems.report);
    if (model === undefined) {
      if (args.json) terminal.out(jsonReport('train', { ok: false, diagnostics: problems.collected }));
      return exitCodes.source;
    }
    const { runFolder } = await import('../train/run-folder.ts');
    const folder = args.out ?? runFolder(basename(args.file, '.net'), args.resume);
    const goOn = `Go on with: ${resumeCommand(args.file, folder, args)}`;
    const refusals: Diagnostic[] = [];
    const line = new LiveLine(terminal);
    const stop = listenForStop(() => {
      line.clear();
      terminal.err('Stopping after this step; once more, and it stops at once.');
    });
    try {
      const { runTraining } = await import('../train/run-training.ts');
      const report = await runTraining({
        model,
        choice,
        wishes,
        folder,
        data: args.data,
        resume: args.resume,
        engine: args.engine === 'auto' ? undefined : args.engine,
        provider: args.provider,
        debugNan: args.debugNan,
        memoryBudget: args.memoryBudget,
        complain: (diagnostics) => {
          refusals.push(...diagnostics);
          problems.report(diagnostics, model);
        },
        verify: args.verify,
        checkpointEvery,
        cacheBytes,
        terminal,
        line,
        signal: stop.signal,
      });
      if (report === undefined) {
        if (args.json) terminal.out(jsonReport('train', { ok: false, diagnostics: problems.collected }));
        return refusals.length > 0 ? exitCodes.source : exitCodes.verification;
      }
      if (args.json)
        terminal.out(jsonReport('train', { ok: true, ...report, diagnostics: problems.collected }));
      else if (report.test === null) terminal.err(`Stopped after step ${report.step}. ${goOn}`);
      else show(report.test, report.synthetic, terminal);
      return exitCodes.ok;
    } catch (error) {
      if (!wasStopped(stop, error)) throw error;
      terminal.err(`Stopped. ${goOn}`);
      return exitCodes.ok;
    } finally {
      line.clear();
      stop.release();
    }
  },
});

function show(test: TestReport, isSynthetic: boolean, terminal: Terminal): void {
  const { text, split, measure, agreement, exported, bestEpoch } = test;
  terminal.out(`\n${isSynthetic ? 'SYNTHETIC radiographs, ' : ''}${split}, weights of epoch ${bestEpoch}:\n`);
  terminal.out(text);
  const difference = agreement.difference.toExponential(1);
  const mean = agreement[measure]?.toExponential(1) ?? 'nothing';
  terminal.out(
    measure === 'auc'
      ? `\nThe ONNX file gives the same: scores differ by ${difference} of the largest at most, the mean AUC by ${mean}.`
      : `\nThe ONNX file gives the same: the Dice of an image differs by ${difference} at most, the mean Dice by ${mean}.`,
  );
  for (const path of exported) terminal.out(`wrote ${path}`);
  terminal.out('Not a medical device: for research and teaching only.');
}

function whole(name: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new UsageError(`--${name} takes a whole number from ${least} up`);
}

function share(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (value > 0 && value < 1)) return value;
  throw new UsageError(`--${name} takes a number between 0 and 1, such as 0.1`);
}

function positive(name: string, value: number): number {
  if (value >= 0) return value;
  throw new UsageError(`--${name} takes a number from 0 up`);
}
