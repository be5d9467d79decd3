import { batchOption } from '../batch-option.ts';
import { buildOnce, type BuildRequest } from '../build/build-once.ts';
import { buildAsJson, exitCodeOfBuild, printBuild } from '../build/build-report.ts';
import { defineCommand, UsageError } from '../command.ts';
import { compileModel, type CompiledModel } from '../compile-model.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { memoryBudgetOption } from '../memory-budget-option.ts';
import { ProblemReport } from '../problem-report.ts';
import { defaultTargets, targets as allTargets, type Target } from '../separate-targets.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { watchOption } from '../watch/watch-option.ts';

export const buildCommand = defineCommand({
  command: 'build <file>',
  summary: 'Compile a model to its targets, run them against each other, and write them',
  examples: [
    ['$0 build models/mair.net', 'An ONNX file and a TensorFlow.js program in out/, verified'],
    ['$0 build models/mair.net --target onnx --batch 8', 'Only the ONNX file, for 8 images a run'],
    [
      '$0 build models/mair.net --target onnx-train',
      'A training step for ONNX Runtime and a module that takes it',
    ],
    ['$0 build models/mair.net --preprocess', 'An ONNX file that resizes and normalises images itself'],
    ['$0 build models/mair.net --set size=320 --out big', 'Other hyper-parameters, another folder'],
    ['$0 build models/mair.net --watch', 'Again whenever one of its sources changes'],
    ['$0 build models/mair.net --dump-after fold-batch-norm', 'Print the graph after a pass'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('target', {
        type: 'string',
        array: true,
        choices: allTargets,
        requiresArg: true,
        describe: 'What to build; onnx and tfjs where it is left out',
      })
      .option('out', { type: 'string', default: 'out', requiresArg: true, describe: 'Where the files go' })
      .option('batch', batchOption)
      .option('memory-budget', memoryBudgetOption)
      .option('preprocess', {
        type: 'boolean',
        default: false,
        describe: 'Let the ONNX file take decoded images of any size (uint8, NHWC) and prepare them itself',
      })
      .option('functions', {
        type: 'boolean',
        default: false,
        describe: 'Make each block a function of the ONNX file, so that viewers show the architecture',
      })
      .option('opset', {
        type: 'number',
        requiresArg: true,
        choices: [17, 18, 19, 20, 21] as const,
        describe: 'The operator set of the ONNX file [17]',
      })
      .option('external-data', {
        type: 'boolean',
        default: false,
        describe: 'Put the weights of the ONNX file into a file of their own beside it',
      })
      .option('verify', {
        type: 'boolean',
        default: true,
        describe: 'Run the targets against each other first; --no-verify writes them untested',
      })
      .option('watch', watchOption)
      .option('dump-after', {
        type: 'string',
        requiresArg: true,
        describe:
          'Print the graph as it is after this pass (train/PASS: of a step of training), and build nothing',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const { file, json, dumpAfter: pass } = args;
    if (args.watch && pass !== undefined) throw new UsageError('--watch builds; it does not go with --dump-after'); // prettier-ignore
    const choice = modelChoice(args);
    const targets = allTargets.filter((target) => (args.target ?? defaultTargets).includes(target));
    // Started first: it loads what it needs while this thread compiles.
    const layOut = (await import('../lay-out-thread.ts')).startLayOutThread();
    if (args.memoryBudget !== undefined && !targets.includes('onnx-train'))
      throw new UsageError('--memory-budget is for a step of training: add --target onnx-train');
    const request: BuildRequest = { ...args, choice, targets };
    if (args.watch) {
      const { watchBuild } = await import('../build/watch-build.ts');
      return watchBuild(request, { layOut, json }, terminal);
    }
    const problems = new ProblemReport(terminal, json);
    const model = await compileModel(file, choice, problems.report);
    if (model !== undefined && pass !== undefined) {
      const { dumpAfter } = await import('../build/dump-after.ts');
      return dumpAfter(
        model,
        { wanted: pass, batch: args.batch, memoryBudget: args.memoryBudget, targets },
        problems,
        terminal,
      );
    }
    const result = await buildOnce(model, request, { problems, layOut });
    if (json) terminal.out(jsonReport('build', buildAsJson(file, result, problems)));
    else {
      printBuild(result, terminal);
      if (result.kind === 'built' && result.isGood && (await canTrain(result.model, targets))) {
        terminal.out(`Train it with: netc train ${file}`);
      }
    }
    return exitCodeOfBuild(result);
  },
});

/** Whether the program reads data and learns by itself. */
async function canTrain({ module }: CompiledModel, targets: readonly Target[]): Promise<boolean> {
  if (!targets.includes('tfjs')) return false;
  const { imageRecipe } = await import('../../src/compiler/lower/image-recipe.ts');
  return imageRecipe(module) !== undefined;
}
